//! Patches over JSON, which leave every number as it was written.
//!
//! Balances have up to 128 bits, and `serde_json::Value` would round them to a float.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// JSON as it was written.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Json(Box<RawValue>);

type Object<'a> = BTreeMap<String, &'a RawValue>;

impl Json {
    /// Checks that `text` is JSON.
    ///
    /// # Errors
    /// When it is not.
    pub fn new(text: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(text).map(Self)
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        self.0.get()
    }

    /// With `patch` over it: objects field by field, anything else as a whole.
    ///
    /// # Errors
    /// None: what is JSON can be read and written.
    pub(crate) fn merged(&self, patch: &Self) -> Result<Self, serde_json::Error> {
        RawValue::from_string(merge(self.as_str(), patch.as_str())?).map(Self)
    }
}

impl PartialEq for Json {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

/// LIMIT: the depth is bounded, since what the parser took has at most 128 levels.
fn merge(base: &str, patch: &str) -> Result<String, serde_json::Error> {
    if !base.starts_with('{') || !patch.starts_with('{') {
        return Ok(patch.to_owned());
    }
    let base: Object<'_> = serde_json::from_str(base)?;
    let patch: Object<'_> = serde_json::from_str(patch)?;
    let mut merged: BTreeMap<&String, Box<RawValue>> =
        base.iter().map(|(key, value)| (key, (*value).to_owned())).collect();
    for (key, value) in &patch {
        let value = match base.get(key) {
            Some(old) => RawValue::from_string(merge(old.get(), value.get())?)?,
            None => (*value).to_owned(),
        };
        merged.insert(key, value);
    }
    serde_json::to_string(&merged)
}
