//! Batches: several inputs that one provider runs one after the other, as one job with one receipt.

use alloc::vec::Vec;
use core::fmt;

use codec::{Decode, Encode};

use crate::{ModelCard, Tensors, agree};

/// LIMIT: most inputs of a batch.
pub const BATCH_MAX: u32 = 64;

/// Several inputs or outputs in their order: SCALE's `Vec<Vec<u8>>`.
#[derive(Clone, Debug, PartialEq, Eq, Encode)]
pub struct Batch(Vec<Vec<u8>>);

/// Why bytes are no batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BatchError {
    /// None, or more than [`BATCH_MAX`].
    Count,
    /// Not what an encoder writes.
    Malformed,
}

impl fmt::Display for BatchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Count => write!(f, "not 1 to {BATCH_MAX} parts"),
            Self::Malformed => f.write_str("not a batch"),
        }
    }
}

impl core::error::Error for BatchError {}

impl Batch {
    /// A batch of these parts.
    ///
    /// # Errors
    /// There are none or too many.
    pub fn try_new(parts: Vec<Vec<u8>>) -> Result<Self, BatchError> {
        let count = u32::try_from(parts.len()).unwrap_or(u32::MAX);
        if count == 0 || count > BATCH_MAX {
            return Err(BatchError::Count);
        }
        Ok(Self(parts))
    }

    /// The batch that these bytes encode.
    ///
    /// # Errors
    /// They encode none, or more than one in one way.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, BatchError> {
        let mut rest = bytes;
        // Whatever says that it has more is not even looked at.
        let codec::Compact(count) =
            codec::Compact::<u32>::decode(&mut &*rest).map_err(|_error| BatchError::Malformed)?;
        if count == 0 || count > BATCH_MAX {
            return Err(BatchError::Count);
        }
        let parts = Vec::<Vec<u8>>::decode(&mut rest).map_err(|_error| BatchError::Malformed)?;
        let batch = Self::try_new(parts)?;
        if rest.is_empty() && batch.encode() == bytes {
            Ok(batch)
        } else {
            Err(BatchError::Malformed)
        }
    }

    /// The parts, in order.
    pub fn parts(&self) -> &[Vec<u8>] {
        &self.0
    }

    /// How many there are.
    pub fn runs(&self) -> u32 {
        u32::try_from(self.0.len()).unwrap_or(u32::MAX)
    }

    /// The most bytes that a batch of so many parts of this length takes.
    pub const fn bytes_max(runs: u32, part_bytes_max: u32) -> u32 {
        part_bytes_max.saturating_add(4).saturating_mul(runs).saturating_add(4)
    }
}

/// What the model gave for each input of a job: one result, or the parts of a batch of so many. None if the bytes are
/// not that, or a result is not what the card says.
pub fn results(card: &ModelCard, batch: Option<u32>, output: &[u8]) -> Option<Vec<Tensors>> {
    let outputs = u32::try_from(card.outputs.len()).unwrap_or(u32::MAX);
    let read = |bytes: &[u8]| {
        // What says that it has many more tensors than the model gives takes no memory: each would be three allocations.
        let codec::Compact(count) = codec::Compact::<u32>::decode(&mut &*bytes).ok()?;
        if count != outputs {
            return None;
        }
        Tensors::from_bytes(bytes).ok().filter(|tensors| card.check_outputs(tensors).is_ok())
    };
    let Some(runs) = batch else { return Some(alloc::vec![read(output)?]) };
    let batch = Batch::from_bytes(output).ok().filter(|batch| batch.runs() == runs)?;
    batch.parts().iter().map(|part| read(part)).collect()
}

/// Whether two providers' results of a job agree: all of them, in their order.
pub fn all_agree(card: &ModelCard, a: &[Tensors], b: &[Tensors]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| agree(card, a, b))
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;

    #[test]
    fn a_batch_has_one_encoding_and_a_limit() {
        let batch = Batch::try_new(vec![vec![1, 2], vec![], vec![3; 100]]).unwrap();
        let bytes = batch.encode();
        assert_eq!(Batch::from_bytes(&bytes), Ok(batch.clone()));
        assert_eq!((batch.runs(), batch.parts()[2].len()), (3, 100));
        assert!(bytes.len() as u32 <= Batch::bytes_max(3, 100));
        assert_eq!(Batch::from_bytes(&[]), Err(BatchError::Malformed));
        assert_eq!(Batch::from_bytes(&bytes[..bytes.len() - 1]), Err(BatchError::Malformed));
        assert_eq!(Batch::from_bytes(&[&bytes[..], &[0]].concat()), Err(BatchError::Malformed));
        assert_eq!(Batch::from_bytes(&[0]), Err(BatchError::Count));
        assert_eq!(Batch::try_new(vec![]), Err(BatchError::Count));
        // A count that is written longer than it has to be.
        assert_eq!(Batch::from_bytes(&[0b101, 0, 0]), Err(BatchError::Malformed));
    }

    #[test]
    fn the_largest_batch_and_one_past_it() {
        let of = |count: usize| vec![vec![7u8; 3]; count];
        let largest = Batch::try_new(of(64)).unwrap().encode();
        assert_eq!(Batch::from_bytes(&largest).unwrap().runs(), 64);
        assert_eq!(Batch::try_new(of(65)), Err(BatchError::Count));
        assert_eq!(Batch::from_bytes(&of(65).encode()), Err(BatchError::Count));
        // A length that no memory holds is refused before any is taken.
        let huge = codec::Compact(u32::MAX).encode();
        assert_eq!(Batch::from_bytes(&huge), Err(BatchError::Count));
    }
}
