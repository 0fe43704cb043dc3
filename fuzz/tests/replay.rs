//! Every target on its corpus.
//!
//! `BLESS=1 cargo test -p citrate-fuzz` writes the seeds anew, for when an encoding has changed.
//! `CITRATE_FUZZ_INPUT=FILE cargo test -p citrate-fuzz TARGET` gives a target one input.

#![expect(clippy::unwrap_used, clippy::panic, clippy::print_stdout, reason = "these are tests")]

use std::path::{Path, PathBuf};
use std::{env, fs};

use citrate_fuzz::{Outcome, TARGETS, Target, target};

/// LIMIT: bytes of an input in the repository.
const INPUT_BYTES_MAX: usize = 16 * 1024;
/// LIMIT: bytes of a target's corpus in the repository.
const CORPUS_BYTES_MAX: usize = 128 * 1024;

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(name)
}

fn inputs(target: Target) -> Vec<(String, Vec<u8>)> {
    let folder = folder(target.name);
    let files = fs::read_dir(&folder).unwrap_or_else(|error| panic!("{folder:?}: {error}"));
    let mut inputs: Vec<_> = files
        .map(|file| {
            let file = file.unwrap();
            (file.file_name().into_string().unwrap(), fs::read(file.path()).unwrap())
        })
        .collect();
    inputs.sort();
    inputs
}

/// Writes the seeds, and leaves what was found by fuzzing.
fn bless(target: Target) {
    let folder = folder(target.name);
    fs::create_dir_all(&folder).unwrap();
    for (name, bytes) in (target.seeds)() {
        fs::write(folder.join(name), bytes).unwrap();
    }
}

fn replay(name: &str) {
    let target = target(name).unwrap();
    if let Some(file) = env::var_os("CITRATE_FUZZ_INPUT") {
        let outcome = (target.run)(&fs::read(file).unwrap());
        return println!("{name}: {outcome:?}");
    }
    if env::var_os("BLESS").is_some() {
        bless(target);
    }
    let seeds = (target.seeds)();
    let (mut taken, mut refused, mut bytes) = (0, 0, 0);
    let inputs = inputs(target);
    for (file, input) in &inputs {
        println!("{name}/{file}");
        assert!(input.len() <= INPUT_BYTES_MAX, "{name}/{file} is too long to be kept");
        bytes += input.len();
        let outcome = (target.run)(input);
        assert_eq!((target.run)(input), outcome, "{name}/{file} does something else each time");
        match outcome {
            Outcome::Taken => taken += 1,
            Outcome::Refused => refused += 1,
        }
        // An encoding that changed turns the corpus into noise.
        if file.starts_with("ok") {
            assert_eq!(outcome, Outcome::Taken, "{name}/{file}: BLESS=1 writes the seeds anew");
        }
    }
    assert!(bytes <= CORPUS_BYTES_MAX, "{name}: {bytes} bytes are too many for the repository");
    assert!(taken > 0 && refused > 0, "{name}: {taken} inputs taken, {refused} refused");
    for (seed, _) in seeds {
        assert!(inputs.iter().any(|(file, _)| *file == seed), "{name}/{seed}: BLESS=1 writes it");
    }
}

#[test]
fn every_target_has_a_test_and_no_other_has_a_corpus() {
    let mut names: Vec<_> = TARGETS.iter().map(|target| target.name.to_owned()).collect();
    names.sort();
    let mut folders: Vec<_> = fs::read_dir(folder(""))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    folders.sort();
    assert_eq!(folders, names);
    let mut tested: Vec<_> = TESTED.iter().map(ToString::to_string).collect();
    tested.sort();
    assert_eq!(tested, names);
}

macro_rules! replays {
    ($($name:ident)*) => {
        const TESTED: &[&str] = &[$(stringify!($name)),*];
        $(
            #[test]
            fn $name() {
                replay(stringify!($name));
            }
        )*
    };
}

replays! { extrinsic calls scale trie import rpc network sync files }
