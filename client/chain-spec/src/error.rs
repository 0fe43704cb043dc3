//! What can be wrong with a specification.

/// What can be wrong with a specification.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ChainSpecError {
    /// Longer than a specification may be.
    #[error("the specification has {bytes} bytes, at most {max} are allowed")]
    TooLong {
        /// Its length.
        bytes: usize,
        /// The limit.
        max: usize,
    },
    /// Not JSON, or not a specification.
    #[error("not a chain specification: {0}")]
    Json(#[from] serde_json::Error),
    /// A field has a value that it must not have.
    #[error("`{field}`: {reason}")]
    Field {
        /// The field.
        field: &'static str,
        /// What is wrong with its value.
        reason: String,
    },
    /// The runtime could not be asked for the genesis state.
    #[error("the runtime cannot build the genesis state: {0}")]
    Runtime(String),
    /// The runtime does not know the preset.
    #[error("the runtime has no genesis preset `{0}`")]
    UnknownPreset(String),
    /// The runtime refuses the configuration.
    #[error("the runtime refuses the genesis configuration: {0}")]
    Refused(String),
}

impl ChainSpecError {
    pub(crate) fn field(field: &'static str, reason: impl Into<String>) -> Self {
        Self::Field { field, reason: reason.into() }
    }
}
