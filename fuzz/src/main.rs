//! The targets in libFuzzer, which chooses inputs by the code that they reach; `CITRATE_FUZZ` names the target.
#![no_main]

use std::sync::OnceLock;

use citrate_fuzz::{Target, target};

static TARGET: OnceLock<Target> = OnceLock::new();

libfuzzer_sys::fuzz_target!(
    init: {
        let name = std::env::var("CITRATE_FUZZ").unwrap_or_default();
        let found = target(&name).expect("CITRATE_FUZZ names a target");
        TARGET.get_or_init(|| found);
    },
    |bytes: &[u8]| {
        let target = TARGET.get().expect("it was set before the first input");
        (target.run)(bytes);
    }
);
