//! What a WASM guest needs from its host to be a Rust program.

use core::{
    alloc::{GlobalAlloc, Layout},
    panic::PanicInfo,
};

/// The host's allocator.
struct HostAllocator;

#[global_allocator]
static ALLOCATOR: HostAllocator = HostAllocator;

// SAFETY: the host returns 8-byte aligned blocks that overlap no other, or traps. Larger alignments
// do not occur in a `wasm32` guest without SIMD.
unsafe impl GlobalAlloc for HostAllocator {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let Ok(size) = u32::try_from(layout.size()) else { return core::ptr::null_mut() };
        core::ptr::with_exposed_provenance_mut(crate::allocator::malloc(size) as usize)
    }

    unsafe fn dealloc(&self, pointer: *mut u8, _: Layout) {
        crate::allocator::free(pointer.expose_provenance() as u32);
    }
}

#[panic_handler]
fn panic(info: &PanicInfo<'_>) -> ! {
    let message = alloc::format!("{info}");
    crate::panic_handler::abort_on_panic(&message);
    core::arch::wasm32::unreachable()
}
