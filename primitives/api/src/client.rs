//! Typed calls from the node.

/// Calls exports of a runtime at some block's state.
pub trait RuntimeCaller {
    /// Why a call failed.
    type Error;

    /// Calls `method` with SCALE-encoded arguments; returns the SCALE-encoded result.
    ///
    /// # Errors
    /// When the runtime has no such export, or it traps.
    fn call(&self, method: &str, data: &[u8]) -> Result<Vec<u8>, Self::Error>;
}

/// Why a typed call failed.
#[derive(Debug, thiserror::Error)]
pub enum ApiError<E> {
    /// The call failed.
    #[error(transparent)]
    Call(E),
    /// The runtime's result is not of the declared type.
    #[error("result of {method} does not decode: {source}")]
    Result {
        /// The export.
        method: &'static str,
        /// What is wrong with it.
        source: codec::Error,
    },
}

/// One call.
pub(crate) fn call<C: RuntimeCaller + ?Sized, R: codec::Decode>(
    caller: &C,
    method: &'static str,
    data: &[u8],
) -> Result<R, ApiError<C::Error>> {
    let output = caller.call(method, data).map_err(ApiError::Call)?;
    R::decode(&mut output.as_slice()).map_err(|source| ApiError::Result { method, source })
}
