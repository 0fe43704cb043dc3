//! Macros for the conditions of calls.

/// Returns an error unless a condition holds: `ensure!(a == b, Error::<T>::Different)`.
#[macro_export]
macro_rules! ensure {
    ($condition:expr, $error:expr $(,)?) => {{
        if !$condition {
            $crate::fail!($error);
        }
    }};
}

/// Returns an error.
#[macro_export]
macro_rules! fail {
    ($error:expr) => {
        return Err($error.into())
    };
}

/// Complains about a state that means a bug: logged, and fatal in tests.
#[macro_export]
macro_rules! defensive {
    () => { $crate::defensive!("unexpected state") };
    ($message:expr $(, $value:expr)* $(,)?) => {{
        $crate::log_error!("defensive", "{}{:?}", $message, ($(&$value,)*));
        debug_assert!(false, "{}", $message);
    }};
}

/// Asserts that an expression is an error and left the state as it was.
#[macro_export]
macro_rules! assert_noop {
    ($x:expr, $y:expr $(,)?) => {
        $crate::assert_storage_noop!($crate::assert_err!($x, $y))
    };
}

/// Asserts that an expression leaves the state as it was.
#[macro_export]
macro_rules! assert_storage_noop {
    ($x:expr) => {
        let __before = $crate::__private::storage_root();
        $x;
        assert_eq!(__before, $crate::__private::storage_root(), "storage has been changed");
    };
}

/// Asserts that an expression is a certain error.
#[macro_export]
macro_rules! assert_err {
    ($x:expr, $y:expr $(,)?) => {
        match $x {
            Err(error) => assert_eq!(error, $y.into()),
            Ok(_) => panic!("expected an error, got Ok"),
        }
    };
}

/// Asserts that an expression is a certain error, whatever was known after the call.
#[macro_export]
macro_rules! assert_err_ignore_postinfo {
    ($x:expr, $y:expr $(,)?) => {
        $crate::assert_err!($x.map(|_| ()).map_err(|e| e.error), $y)
    };
}

/// Asserts that an expression is `Ok`, and of what.
#[macro_export]
macro_rules! assert_ok {
    ($x:expr $(,)?) => {
        match $x {
            Ok(_) => {}
            error => panic!("expected Ok, got {:?}", error.map(|_| ())),
        }
    };
    ($x:expr, $y:expr $(,)?) => {
        assert_eq!($x, Ok($y))
    };
}
