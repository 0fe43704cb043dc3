//! Parameters, read as leniently as clients need.
//!
//! Clients leave `params` out (subxt), send `""` for no bytes (PAPI), bytes without `0x`
//! (async-substrate-interface), block numbers as hex strings (PAPI) and `null` for what they leave
//! open. All of that is understood; anything else is an error that names the parameter.

use citrate_core::H256;
use jsonrpsee::types::{ErrorObjectOwned, Params};
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::error::invalid_params;

type Result<T> = std::result::Result<T, ErrorObjectOwned>;

/// The positional parameters of a call.
#[derive(Debug, Default)]
pub(crate) struct Args(Vec<Value>);

impl Args {
    pub(crate) fn parse(params: &Params<'_>) -> Result<Self> {
        match params.as_str() {
            None | Some("" | "null") => Ok(Self::default()),
            Some(text) if text.starts_with('{') => {
                Err(invalid_params("parameters go by position, in an array"))
            }
            Some(text) => serde_json::from_str(text).map(Self).map_err(invalid_params),
        }
    }

    /// Parameter `index`; `None` if it is missing or null.
    pub(crate) fn get(&self, index: usize) -> Option<&Value> {
        self.0.get(index).filter(|value| !value.is_null())
    }

    fn required(&self, index: usize, name: &str) -> Result<&Value> {
        self.get(index).ok_or_else(|| invalid_params(format!("`{name}` is missing")))
    }

    pub(crate) fn json<T: DeserializeOwned>(&self, index: usize, name: &str) -> Result<T> {
        self.required(index, name)?;
        Ok(self.json_opt(index, name)?.expect("required parameters are present"))
    }

    pub(crate) fn json_opt<T: DeserializeOwned>(
        &self,
        index: usize,
        name: &str,
    ) -> Result<Option<T>> {
        let Some(value) = self.get(index) else { return Ok(None) };
        let parsed = T::deserialize(value);
        parsed.map(Some).map_err(|error| invalid_params(format!("`{name}`: {error}")))
    }

    pub(crate) fn string(&self, index: usize, name: &str) -> Result<String> {
        self.json(index, name)
    }

    pub(crate) fn bytes(&self, index: usize, name: &str) -> Result<Vec<u8>> {
        bytes_of(self.required(index, name)?, name)
    }

    pub(crate) fn bytes_opt(&self, index: usize, name: &str) -> Result<Option<Vec<u8>>> {
        self.get(index).map(|value| bytes_of(value, name)).transpose()
    }

    pub(crate) fn hash(&self, index: usize, name: &str) -> Result<H256> {
        hash_of(self.required(index, name)?, name)
    }

    pub(crate) fn hash_opt(&self, index: usize, name: &str) -> Result<Option<H256>> {
        self.get(index).map(|value| hash_of(value, name)).transpose()
    }

    pub(crate) fn number(&self, index: usize, name: &str) -> Result<u64> {
        number_of(self.required(index, name)?, name)
    }

    pub(crate) fn number_opt(&self, index: usize, name: &str) -> Result<Option<u64>> {
        self.get(index).map(|value| number_of(value, name)).transpose()
    }

    /// A list of byte strings, of at most `max`.
    pub(crate) fn bytes_list(&self, index: usize, name: &str, max: usize) -> Result<Vec<Vec<u8>>> {
        let Value::Array(items) = self.required(index, name)? else {
            return Err(invalid_params(format!("`{name}`: expected an array")));
        };
        if items.len() > max {
            return Err(invalid_params(format!("`{name}`: {} items, at most {max}", items.len())));
        }
        items.iter().map(|item| bytes_of(item, name)).collect()
    }
}

/// Hex with or without `0x`; the empty string is no bytes.
pub(crate) fn bytes_of(value: &Value, name: &str) -> Result<Vec<u8>> {
    let text = value.as_str().ok_or_else(|| invalid_params(format!("`{name}`: expected hex")))?;
    decode_hex(text).map_err(|error| invalid_params(format!("`{name}`: {error}")))
}

pub(crate) fn decode_hex(text: &str) -> std::result::Result<Vec<u8>, hex::FromHexError> {
    let digits = text.strip_prefix("0x").unwrap_or(text);
    hex::decode(digits)
}

pub(crate) fn hash_of(value: &Value, name: &str) -> Result<H256> {
    let bytes = bytes_of(value, name)?;
    let bytes: [u8; 32] = bytes.try_into().map_err(|bytes: Vec<u8>| {
        invalid_params(format!("`{name}`: a hash has 32 bytes, not {}", bytes.len()))
    })?;
    Ok(H256(bytes))
}

/// A JSON number, a `0x` string, or decimal digits in a string.
pub(crate) fn number_of(value: &Value, name: &str) -> Result<u64> {
    let parsed = match value {
        Value::Number(number) => number.as_u64(),
        Value::String(text) => match text.strip_prefix("0x") {
            Some(digits) => u64::from_str_radix(digits, 16).ok(),
            None => text.parse().ok(),
        },
        _ => None,
    };
    parsed.ok_or_else(|| invalid_params(format!("`{name}`: expected a number")))
}

/// `0x` and lower-case hex.
pub(crate) fn hex_string(bytes: impl AsRef<[u8]>) -> String {
    format!("0x{}", hex::encode(bytes))
}

/// [`hex_string`] of what is there, or null.
pub(crate) fn hex_or_null(bytes: Option<impl AsRef<[u8]>>) -> Value {
    bytes.map_or(Value::Null, |bytes| Value::String(hex_string(bytes)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn args(text: &str) -> Args {
        Args::parse(&Params::new(Some(text))).unwrap()
    }

    #[test]
    fn missing_and_null_params_are_no_params() {
        assert!(Args::parse(&Params::new(None)).unwrap().get(0).is_none());
        assert!(args("null").get(0).is_none());
        assert!(args("[]").get(0).is_none());
        assert_eq!(args("[null]").hash_opt(0, "at").unwrap(), None);
    }

    #[test]
    fn bytes_come_with_and_without_prefix_and_empty() {
        for text in ["[\"\"]", "[\"0x\"]"] {
            assert_eq!(args(text).bytes(0, "data").unwrap(), Vec::<u8>::new());
        }
        for text in ["[\"0x0aFF\"]", "[\"0aff\"]"] {
            assert_eq!(args(text).bytes(0, "data").unwrap(), [10, 255]);
        }
        for text in ["[\"0x0\"]", "[\"0xzz\"]", "[5]", "[[1]]"] {
            assert_eq!(args(text).bytes(0, "data").unwrap_err().code(), -32602, "{text}");
        }
    }

    #[test]
    fn numbers_come_as_numbers_hex_and_digits() {
        for text in ["[5]", "[\"0x5\"]", "[\"0x00000005\"]", "[\"5\"]"] {
            assert_eq!(args(text).number(0, "number").unwrap(), 5, "{text}");
        }
        for text in ["[-1]", "[1.5]", "[\"x\"]", "[true]", "[\"0x\"]"] {
            assert!(args(text).number(0, "number").is_err(), "{text}");
        }
    }

    #[test]
    fn errors_name_the_parameter() {
        let error = args("[]").hash(0, "hash").unwrap_err();
        assert_eq!(error.code(), -32602);
        assert!(error.data().unwrap().get().contains("`hash` is missing"));
        let error = args("[\"0x01\"]").hash(0, "hash").unwrap_err();
        assert!(error.data().unwrap().get().contains("32 bytes"));
        assert!(Args::parse(&Params::new(Some("{\"a\":1}"))).is_err());
        assert!(Args::parse(&Params::new(Some("[1"))).is_err());
        let list = args("[[\"0x01\",\"0x02\"]]");
        assert_eq!(list.bytes_list(0, "keys", 2).unwrap().len(), 2);
        assert!(list.bytes_list(0, "keys", 1).is_err());
    }
}
