//! Calls of the runtime's pallets by any accounts, in any order, with blocks between them: see
//! [`CallFuzzer`].

use std::cell::OnceCell;

use citrate_core::{AccountId32, Digest, H256};
use citrate_runtime::{AllPalletsWithSystem, RuntimeCall, RuntimeOrigin, System, genesis};
use citrate_support::keyring::Keyring;
use citrate_testing::{CallFuzzer, TestExternalities, new_test_ext};

use crate::Outcome;
use crate::runtime::accounts;

type Fuzzer = CallFuzzer<RuntimeCall, AllPalletsWithSystem>;

/// LIMIT: bytes of an input; what is longer only takes longer.
const BYTES_MAX: usize = 1024;

thread_local! {
    static GENESIS: OnceCell<(TestExternalities, Fuzzer)> = const { OnceCell::new() };
}

/// Neither root nor Alice, who has its key, is among those who call: root may break what it likes.
fn genesis() -> (TestExternalities, Fuzzer) {
    let preset = genesis::preset(genesis::DEVELOPMENT).expect("the preset exists");
    let mut state = new_test_ext(&preset);
    state.execute_with(|| System::initialize(&1, &H256::zero(), &Digest::default()));
    state.commit();
    let signed = |who: Keyring| RuntimeOrigin::signed(who.account());
    let origins = [signed(Keyring::Bob), signed(Keyring::Charlie), signed(Keyring::Dave)];
    let fuzzer = Fuzzer::new(&origins)
        .prefer::<AccountId32>(&accounts())
        .after_each(|| System::run_to_block::<AllPalletsWithSystem>(System::block_number() + 1));
    (state, fuzzer)
}

pub(crate) fn run(bytes: &[u8]) -> Outcome {
    let bytes = bytes.get(..BYTES_MAX).unwrap_or(bytes);
    GENESIS.with(|cell| {
        let (state, fuzzer) = cell.get_or_init(genesis);
        let done = fuzzer.run(&mut state.fork(), bytes);
        Outcome::taken(done.succeeded > 0)
    })
}

pub(crate) fn seeds() -> Vec<(String, Vec<u8>)> {
    let calls = |seed: u8| -> Vec<u8> {
        (0..160u8).map(|i| seed.wrapping_mul(31).wrapping_add(i.wrapping_mul(i)) ^ i).collect()
    };
    let mut seeds: Vec<_> = (0..16).map(|seed| (format!("any-{seed}"), calls(seed))).collect();
    seeds.push(("none".to_owned(), Vec::new()));
    seeds
}
