//! Values given by types.

pub use bounded_collections::{
    ConstBool, ConstI8, ConstI16, ConstI32, ConstI64, ConstI128, ConstU8, ConstU16, ConstU32,
    ConstU64, ConstU128, Get, GetDefault, TypedGet,
};

/// Declares types that give values: `pub const X: u32 = 1;`, `pub X: T = ..;`,
/// `pub static X: T = ..;` (tests: changeable) and `pub storage X: T = ..;` (state: changeable).
#[macro_export]
macro_rules! parameter_types {
    (
        $(#[$attr:meta])* $vis:vis const $name:ident $(< $($p:ident),* >)? : $ty:ty = $value:expr;
        $($rest:tt)*
    ) => {
        $(#[$attr])*
        #[derive(Debug)]
        $vis struct $name $(< $($p),* >($(core::marker::PhantomData<$p>),*))?;
        impl $(< $($p),* >)? $name $(< $($p),* >)? {
            /// The value.
            $vis const fn get() -> $ty { $value }
        }
        impl<__I: From<$ty> $(, $($p),*)?> $crate::traits::Get<__I> for $name $(< $($p),* >)? {
            fn get() -> __I { __I::from(Self::get()) }
        }
        impl $(< $($p),* >)? $crate::traits::TypedGet for $name $(< $($p),* >)? {
            type Type = $ty;
            fn get() -> $ty { Self::get() }
        }
        $crate::parameter_types!($($rest)*);
    };
    ($(#[$attr:meta])* $vis:vis storage $name:ident : $ty:ty = $value:expr; $($rest:tt)*) => {
        $(#[$attr])*
        #[derive(Debug)]
        $vis struct $name;
        impl $name {
            /// The storage key.
            $vis fn key() -> [u8; 16] {
                $crate::__private::twox_128(concat!(":", stringify!($name), ":").as_bytes())
            }
            /// Stores a value.
            $vis fn set(value: &$ty) {
                $crate::storage::unhashed::put(&Self::key(), value);
            }
            /// The stored value, or the initial one.
            $vis fn get() -> $ty {
                $crate::storage::unhashed::get(&Self::key()).unwrap_or_else(|| $value)
            }
        }
        impl<__I: From<$ty>> $crate::traits::Get<__I> for $name {
            fn get() -> __I { __I::from(Self::get()) }
        }
        impl $crate::traits::TypedGet for $name {
            type Type = $ty;
            fn get() -> $ty { Self::get() }
        }
        $crate::parameter_types!($($rest)*);
    };
    ($(#[$attr:meta])* $vis:vis static $name:ident : $ty:ty = $value:expr; $($rest:tt)*) => {
        $(#[$attr])*
        #[derive(Debug)]
        $vis struct $name;
        impl $name {
            fn with<__R>(f: impl FnOnce(&core::cell::RefCell<$ty>) -> __R) -> __R {
                std::thread_local! {
                    static VALUE: core::cell::RefCell<$ty> = core::cell::RefCell::new($value);
                }
                VALUE.with(f)
            }
            /// The value of this thread.
            $vis fn get() -> $ty { Self::with(|v| v.borrow().clone()) }
            /// Sets the value of this thread.
            $vis fn set(value: $ty) { Self::with(|v| *v.borrow_mut() = value); }
            /// Changes the value of this thread.
            $vis fn mutate<__R>(f: impl FnOnce(&mut $ty) -> __R) -> __R {
                Self::with(|v| f(&mut v.borrow_mut()))
            }
            /// Takes the value of this thread and leaves the default.
            $vis fn take() -> $ty where $ty: Default {
                Self::mutate(core::mem::take)
            }
        }
        impl<__I: From<$ty>> $crate::traits::Get<__I> for $name {
            fn get() -> __I { __I::from(Self::get()) }
        }
        impl $crate::traits::TypedGet for $name {
            type Type = $ty;
            fn get() -> $ty { Self::get() }
        }
        $crate::parameter_types!($($rest)*);
    };
    (
        $(#[$attr:meta])* $vis:vis $name:ident $(< $($p:ident),* >)? : $ty:ty = $value:expr;
        $($rest:tt)*
    ) => {
        $(#[$attr])*
        #[derive(Debug)]
        $vis struct $name $(< $($p),* >($(core::marker::PhantomData<$p>),*))?;
        impl $(< $($p),* >)? $name $(< $($p),* >)? {
            /// The value.
            pub fn get() -> $ty { $value }
        }
        impl<__I: From<$ty> $(, $($p),*)?> $crate::traits::Get<__I> for $name $(< $($p),* >)? {
            fn get() -> __I { __I::from(Self::get()) }
        }
        impl $(< $($p),* >)? $crate::traits::TypedGet for $name $(< $($p),* >)? {
            type Type = $ty;
            fn get() -> $ty { Self::get() }
        }
        $crate::parameter_types!($($rest)*);
    };
    () => {};
}
