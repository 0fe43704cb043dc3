//! A real model: what the referee says of it is what ONNX Runtime says, within the card's tolerance.

use std::{
    fs,
    sync::{Arc, OnceLock},
};

use citrate_artifacts::{Store, StoreConfig};
use citrate_core::H256;
use citrate_inference::{DeviceChoice, Engine, EngineConfig, library_path};
use citrate_inference_types::{
    ModelCard, RefereeLimits, Refereeable, RunLimits, Tensors, Tolerance, adapter, agree, read,
};
use citrate_referee::{Assessment, Compilation, Example, Reason, Referee, RefereeError};

use super::{LIMITS, cache, floats, module, plain, referee, repository, run, skipped};

struct Magika {
    _folder: tempfile::TempDir,
    file: Vec<u8>,
    card: ModelCard,
    hash: H256,
    engine: Engine,
}

/// The model, its card and ONNX Runtime; none if they are not there.
fn magika() -> Option<&'static Magika> {
    static MAGIKA: OnceLock<Option<Magika>> = OnceLock::new();
    let set_up = || {
        let path = cache()?.join("magika-1.0.3/model.onnx");
        if !path.is_file() || library_path(None).is_err() {
            skipped("magika or ONNX Runtime is not in the cache: run scripts/setup.sh");
            return None;
        }
        let folder = tempfile::tempdir().unwrap();
        let store = Arc::new(Store::open(StoreConfig::new(folder.path())).unwrap());
        let hash = store.add_file(&path, "magika").unwrap().hash;
        let config = EngineConfig { device: DeviceChoice::Cpu, ..EngineConfig::default() };
        let card = fs::read(repository().join("scripts/models/magika.json")).unwrap();
        Some(Magika {
            _folder: folder,
            file: fs::read(&path).unwrap(),
            card: serde_json::from_slice(&card).unwrap(),
            hash,
            engine: Engine::new(config, store),
        })
    };
    MAGIKA.get_or_init(set_up).as_ref()
}

impl Magika {
    fn inputs(&self, file: &[u8]) -> Tensors {
        adapter::preprocess(&self.card, &adapter::submission(&self.card, file)).unwrap()
    }

    fn native(&self, inputs: &Tensors) -> Tensors {
        self.engine.run_tensors(&self.hash, inputs.clone(), RunLimits::default()).unwrap()
    }
}

/// Files of several kinds, with their labels.
fn files() -> Vec<(&'static str, Vec<u8>)> {
    let source = fs::read(repository().join("client/referee/src/referee.rs")).unwrap();
    let script = fs::read(repository().join("scripts/referee.sh")).unwrap();
    let manifest = fs::read(repository().join("Cargo.toml")).unwrap();
    vec![("rust", source), ("shell", script), ("toml", manifest)]
}

#[test]
fn a_verdict_is_what_onnx_runtime_says() {
    let Some(magika) = magika() else { return };
    for (label, file) in files() {
        let inputs = magika.inputs(&file);
        let verdict = run(&magika.file, &inputs).unwrap();
        let native = magika.native(&inputs);
        assert!(agree(&magika.card, &verdict.outputs, &native), "{label}");
        let best = read::classes(&magika.card, &verdict.outputs, None).unwrap().swap_remove(0);
        assert_eq!(best.label, label, "{best:?}");
    }
    // The tolerance is one: another file's scores are not within it.
    let [(_, rust), (_, shell), ..] = &files()[..] else { panic!("too few files") };
    let other = run(&magika.file, &magika.inputs(shell)).unwrap();
    assert!(!agree(&magika.card, &other.outputs, &magika.native(&magika.inputs(rust))));
}

#[test]
fn every_compiler_gives_the_same_bits_and_takes_the_same_fuel() {
    let Some(magika) = magika() else { return };
    let files = files();
    let inputs = magika.inputs(&files[0].1);
    let verdict = run(&magika.file, &inputs).unwrap();
    assert_eq!(run(&magika.file, &inputs).unwrap(), verdict, "again");
    let baseline = Referee::compiled(module(), Compilation::Baseline).unwrap();
    for (name, other) in [("plain", plain()), ("baseline", &baseline)] {
        assert_eq!(other.module_hash(), referee().module_hash());
        let again = other.run(&magika.file, &inputs, LIMITS).unwrap();
        assert_eq!(again, verdict, "{name}");
        // To the unit: with one less it is out of fuel, whoever compiled it.
        let less = RefereeLimits { fuel: verdict.fuel - 1, ..LIMITS };
        assert_eq!(other.run(&magika.file, &inputs, less), Err(RefereeError::OutOfFuel));
        let enough = RefereeLimits { fuel: verdict.fuel, ..LIMITS };
        assert_eq!(other.run(&magika.file, &inputs, enough).as_ref(), Ok(&verdict));
    }
}

#[test]
fn memory_ends_at_the_same_byte() {
    let Some(magika) = magika() else { return };
    let inputs = magika.inputs(b"x = 1");
    let verdict = run(&magika.file, &inputs).unwrap();
    let limit = |memory_bytes| RefereeLimits { memory_bytes, ..LIMITS };
    let enough = referee().run(&magika.file, &inputs, limit(verdict.memory_bytes));
    assert_eq!(enough.as_ref(), Ok(&verdict));
    for less in [verdict.memory_bytes - 1, 4 << 20, 1 << 20, 0] {
        let refused = referee().run(&magika.file, &inputs, limit(less));
        assert_eq!(refused, Err(RefereeError::OutOfMemory), "{less}");
    }
}

#[test]
fn an_assessment_says_what_a_run_takes() {
    let Some(magika) = magika() else { return };
    let assess = |examples: &[Example], limits| {
        referee().assess(&magika.file, &magika.card, examples, limits).unwrap()
    };
    let files = files();
    let example = |at: usize, of: usize| {
        let inputs = magika.inputs(&files[at].1);
        Example { inputs, outputs: Some(magika.native(&magika.inputs(&files[of].1))) }
    };
    let good = [example(0, 0), Example { outputs: None, ..example(1, 1) }];
    let yes = assess(&good, LIMITS);
    let Assessment::Yes { fuel, memory_bytes } = yes else { panic!("{yes:?}") };
    let largest = good.iter().map(|e| run(&magika.file, &e.inputs).unwrap().fuel).max();
    assert_eq!(Some(fuel), largest);
    assert_eq!(yes.refereeable(), Refereeable::Yes { fuel, memory_bytes });
    // A run within what was measured does not run out.
    let exact = RefereeLimits { fuel, memory_bytes, ..LIMITS };
    assert_eq!(assess(&good, exact), yes);

    let no = assess(&good, RefereeLimits { fuel: fuel - 1, ..LIMITS });
    assert!(matches!(&no, Assessment::No(Reason::Run { error: RefereeError::OutOfFuel, .. })));
    assert_eq!(no.refereeable(), Refereeable::No);
    let disagrees = assess(&[example(1, 1), example(0, 1)], LIMITS);
    assert_eq!(disagrees, Assessment::No(Reason::Disagrees(1)));
    assert_eq!(assess(&[], LIMITS), Assessment::No(Reason::Examples));
    let wrong = Example { inputs: floats(&[1.0]), outputs: None };
    let no = assess(&[wrong], LIMITS);
    assert!(matches!(no, Assessment::No(Reason::Card { example: 0, .. })), "{no:?}");
}

/// On a file of a few bytes magika takes the difference of two nearly equal numbers, so that honest engines differ in
/// the second digit. A tolerance that is less than that is not refereeable; the card's own is.
#[test]
fn a_tolerance_that_honest_engines_break_is_found_at_registration() {
    let Some(magika) = magika() else { return };
    let inputs = magika.inputs(b"x = 1");
    let example = [Example { outputs: Some(magika.native(&inputs)), inputs }];
    let assess = |card: &ModelCard| {
        referee().assess(&magika.file, card, &example, LIMITS).unwrap().refereeable()
    };
    assert!(matches!(assess(&magika.card), Refereeable::Yes { .. }));
    let mut card = magika.card.clone();
    let narrow = Tolerance::Close { atol_nano: 100_000, rtol_nano: 100_000, outliers_max: 0 };
    card.tolerance = vec![narrow].try_into().unwrap();
    assert_eq!(assess(&card), Refereeable::No);
}
