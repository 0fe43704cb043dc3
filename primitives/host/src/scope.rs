//! The externalities of the calling thread.

use crate::{Externalities, HostError};
use std::{cell::Cell, ptr::NonNull};

type Pointer = NonNull<dyn Externalities + 'static>;

thread_local! {
    static CURRENT: Cell<Option<Pointer>> = const { Cell::new(None) };
}

/// Puts the previous pointer back, also when the closure panics.
struct Restore(Option<Pointer>);

impl Drop for Restore {
    fn drop(&mut self) {
        CURRENT.set(self.0);
    }
}

/// Runs `f` with `externalities` as those of this thread: host functions work on them.
pub fn with_externalities<R>(externalities: &mut dyn Externalities, f: impl FnOnce() -> R) -> R {
    let pointer: NonNull<dyn Externalities + '_> = NonNull::from(externalities);
    #[expect(unsafe_code, reason = "a thread-local cannot name the lifetime of a borrow")]
    // SAFETY: only the lifetime changes. The pointer is removed by `Restore` before this function
    // returns, so it is never used after the borrow has ended.
    let pointer =
        unsafe { std::mem::transmute::<NonNull<dyn Externalities + '_>, Pointer>(pointer) };
    let _restore = Restore(CURRENT.replace(Some(pointer)));
    f()
}

/// Whether host functions have a state to work on.
pub fn has_externalities() -> bool {
    CURRENT.get().is_some()
}

/// Runs `f` on this thread's externalities.
pub fn try_native<R>(f: impl FnOnce(&mut dyn Externalities) -> R) -> Result<R, HostError> {
    // Taken out while in use, so that there is never a second reference to them.
    let mut pointer = CURRENT.take().ok_or(HostError::NoExternalities)?;
    let _restore = Restore(Some(pointer));
    #[expect(unsafe_code, reason = "a thread-local cannot name the lifetime of a borrow")]
    // SAFETY: the pointer comes from a mutable borrow that `with_externalities` still holds, and
    // nobody else can reach it until `_restore` puts it back.
    let externalities = unsafe { pointer.as_mut() };
    let output = f(externalities);
    match externalities.take_failure() {
        Some(reason) => Err(HostError::State(reason)),
        None => Ok(output),
    }
}

/// As [`try_native`], for native callers, who have nobody to report a failure to.
#[expect(
    clippy::panic,
    reason = "what is a trap in WASM is a panic natively, which means in tests"
)]
pub fn native<R>(f: impl FnOnce(&mut dyn Externalities) -> R) -> R {
    match try_native(f) {
        Ok(output) => output,
        Err(error) => panic!("{error}"),
    }
}
