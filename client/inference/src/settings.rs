//! What a result depends on besides the model, its card and the input.

use std::fmt;

use citrate_core::{H256, hashing};
use citrate_inference_types::{Device, OptimisationLevel};
use codec::Encode;

/// Domain of the hash.
const DOMAIN: &str = "CITRATE/inference/settings/v2";

/// What a result depends on besides the model, its card and the input. Its hash stands in every receipt, and the node
/// logs it in words when it starts: two providers with the same hash ran the same engine in the same way.
#[derive(Clone, Debug, PartialEq, Eq, Encode)]
pub struct Settings {
    /// The library's name.
    pub library: String,
    /// The library's version.
    pub version: String,
    /// Where models run.
    pub device: Device,
    /// Level of graph optimisation of a model without a card; a card names its own.
    pub optimisation: OptimisationLevel,
    /// Whether only kernels are used that give the same bits each time.
    pub deterministic: bool,
    /// Threads of one operator.
    pub threads: u32,
    /// Operators at a time.
    pub operators: u32,
    /// Rows of jobs that may be run together; 1 if each job is run by itself.
    pub batch_rows_max: u32,
}

impl Settings {
    /// What stands in receipts.
    pub fn hash(&self) -> H256 {
        H256((DOMAIN, self).using_encoded(hashing::blake2_256))
    }
}

impl fmt::Display for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { library, version, device, optimisation, deterministic, .. } = self;
        write!(f, "{library} {version} device={device:?} optimisation={optimisation:?} ")?;
        write!(f, "deterministic={deterministic} threads={} ", self.threads)?;
        write!(f, "operators={} batch_rows_max={}", self.operators, self.batch_rows_max)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings() -> Settings {
        Settings {
            library: "onnxruntime".into(),
            version: "1.32.0".into(),
            device: Device::Cpu,
            optimisation: OptimisationLevel::All,
            deterministic: true,
            threads: 1,
            operators: 1,
            batch_rows_max: 8,
        }
    }

    #[test]
    fn every_setting_is_in_the_hash_and_in_words() {
        let changes: [fn(&mut Settings); 8] = [
            |s| s.library.push('x'),
            |s| s.version.push('x'),
            |s| s.device = Device::Cuda,
            |s| s.optimisation = OptimisationLevel::Basic,
            |s| s.deterministic = false,
            |s| s.threads = 2,
            |s| s.operators = 2,
            |s| s.batch_rows_max = 1,
        ];
        let original = settings();
        let mut seen = vec![(original.hash(), original.to_string())];
        for change in changes {
            let mut changed = settings();
            change(&mut changed);
            let new = (changed.hash(), changed.to_string());
            assert!(
                seen.iter().all(|(hash, text)| *hash != new.0 && *text != new.1),
                "{changed:?}"
            );
            seen.push(new);
        }
        assert_eq!(settings().hash(), original.hash());
    }
}
