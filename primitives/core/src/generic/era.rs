//! For which blocks a transaction is valid.

use codec::{Decode, DecodeWithMemTracking, Encode, Error, Input, MaxEncodedLen, Output};
use scale_info::{Path, Type, TypeInfo, build::Fields, build::Variants};

/// Longest period of a mortal era, in blocks.
pub const PERIOD_MAX: u64 = 1 << 16;

/// For which blocks a transaction is valid.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Era {
    /// Forever.
    Immortal,
    /// From the block whose number is `phase` modulo `period`, for `period` blocks.
    /// `period` is a power of two from 4 to 65536; `phase` is a multiple of
    /// `max(period / 4096, 1)`.
    Mortal(u64, u64),
}

impl Era {
    /// An era of about `period` blocks that has begun by block `current`.
    pub fn mortal(period: u64, current: u64) -> Self {
        let period = period.checked_next_power_of_two().unwrap_or(PERIOD_MAX).clamp(4, PERIOD_MAX);
        let quantize = quantize_factor(period);
        Self::Mortal(period, current % period / quantize * quantize)
    }

    /// Whether the era never ends.
    pub fn is_immortal(&self) -> bool {
        matches!(self, Self::Immortal)
    }

    /// First block of the era that contains block `current`.
    pub fn birth(self, current: u64) -> u64 {
        match self {
            Self::Immortal => 0,
            Self::Mortal(period, phase) => (current.max(phase) - phase) / period * period + phase,
        }
    }

    /// First block after the era that contains block `current`.
    pub fn death(self, current: u64) -> u64 {
        match self {
            Self::Immortal => u64::MAX,
            Self::Mortal(period, _) => self.birth(current).saturating_add(period),
        }
    }
}

fn quantize_factor(period: u64) -> u64 {
    (period >> 12).max(1)
}

impl Encode for Era {
    fn encode_to<T: Output + ?Sized>(&self, output: &mut T) {
        match self {
            Self::Immortal => output.push_byte(0),
            Self::Mortal(period, phase) => {
                let log = u64::from(period.trailing_zeros()).saturating_sub(1).clamp(1, 15);
                let bits = log | (phase / quantize_factor(*period)) << 4;
                output.write(&bits.to_le_bytes()[..2]);
            }
        }
    }
}

impl codec::EncodeLike for Era {}

impl DecodeWithMemTracking for Era {}

impl MaxEncodedLen for Era {
    fn max_encoded_len() -> usize {
        2
    }
}

impl Decode for Era {
    fn decode<I: Input>(input: &mut I) -> Result<Self, Error> {
        let first = u64::from(input.read_byte()?);
        if first == 0 {
            return Ok(Self::Immortal);
        }
        let encoded = first | u64::from(input.read_byte()?) << 8;
        let period = 2u64 << (encoded % 16);
        let phase = (encoded >> 4) * quantize_factor(period);
        if period >= 4 && phase < period {
            Ok(Self::Mortal(period, phase))
        } else {
            Err("invalid period and phase of an era".into())
        }
    }
}

impl TypeInfo for Era {
    type Identity = Self;

    /// 256 variants by first byte, as clients expect: `Immortal`, `Mortal1(u8)` .. `Mortal255(u8)`.
    fn type_info() -> Type {
        let mut variants = Variants::new().variant("Immortal", |v| v.index(0));
        for index in 1..=u8::MAX {
            variants = variants.variant(MORTAL_NAMES[usize::from(index)].as_str(), |v| {
                v.index(index).fields(Fields::unnamed().field(|f| f.ty::<u8>()))
            });
        }
        Type::builder().path(Path::new("Era", "sp_runtime::generic::era")).variant(variants)
    }
}

/// `MortalN` as bytes: metadata wants names that live forever, in no_std and without allocation.
struct MortalName {
    bytes: [u8; 9],
    len: usize,
}

impl MortalName {
    const fn new(index: usize) -> Self {
        let mut bytes = *b"Mortal000";
        let digits = if index >= 100 {
            3
        } else if index >= 10 {
            2
        } else {
            1
        };
        let (mut rest, mut at) = (index, 6 + digits);
        while at > 6 {
            at -= 1;
            bytes[at] = b"0123456789"[rest % 10];
            rest /= 10;
        }
        Self { bytes, len: 6 + digits }
    }

    fn as_str(&'static self) -> &'static str {
        core::str::from_utf8(&self.bytes[..self.len]).unwrap_or("Mortal")
    }
}

static MORTAL_NAMES: [MortalName; 256] = {
    let mut names = [const { MortalName::new(0) }; 256];
    let mut index = 0;
    while index < 256 {
        names[index] = MortalName::new(index);
        index += 1;
    }
    names
};

#[cfg(test)]
mod tests {
    use super::*;

    /// Encodings from the Polkadot specification of eras.
    #[test]
    fn known_encodings() {
        let cases = [
            (Era::Immortal, vec![0]),
            (Era::mortal(64, 42), vec![5 + 42 % 16 * 16, 42 / 16]),
            (Era::mortal(32768, 20000), vec![(14 + 2500 % 16 * 16) as u8, (2500 / 16) as u8]),
        ];
        for (era, bytes) in cases {
            assert_eq!(era.encode(), bytes, "{era:?}");
            assert_eq!(Era::decode(&mut &bytes[..]).unwrap(), era);
        }
    }

    #[test]
    fn birth_and_death_hold_the_current_block() {
        for period in [4u64, 64, 4096, 65536] {
            for current in [0u64, 1, 63, 64, 5000, 100_000] {
                let era = Era::mortal(period, current);
                assert!(era.birth(current) <= current, "{period} {current}");
                assert!(era.death(current) > current);
            }
        }
        assert_eq!(Era::Mortal(4, 3).birth(6), 3);
        assert_eq!(Era::Mortal(4, 3).death(6), 7);
    }

    #[test]
    fn a_phase_outside_the_period_is_refused() {
        assert!(Era::decode(&mut &[0x01, 0xff][..]).is_err());
        assert!(Era::decode(&mut &[0x05][..]).is_err());
    }

    #[test]
    fn metadata_has_256_variants() {
        let scale_info::TypeDef::Variant(def) = Era::type_info().type_def else {
            unreachable!("an enum");
        };
        assert_eq!(def.variants.len(), 256);
        assert_eq!(def.variants[1].name, "Mortal1");
        assert_eq!(def.variants[99].name, "Mortal99");
        assert_eq!(def.variants[255].name, "Mortal255");
    }
}
