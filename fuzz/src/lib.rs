//! What anybody may send, as fuzz targets whose corpus the tests replay.
//!
//! A [`Target`] is a plain function of bytes that panics where something that always holds does not: that an encoding is
//! the only one, that two implementations agree, that what is refused leaves no trace, that limits hold. Nothing in it
//! is left to chance, so that an input does the same each time.
//!
//! `tests/replay.rs` runs every target on its corpus (`fuzz/corpus/TARGET`) with each `cargo test`; `scripts/fuzz.sh` looks for new
//! inputs, guided by coverage, and keeps them outside of the repository (`docs/fuzzing.md`).

#![expect(clippy::panic, reason = "a target panics where something that always holds does not")]

mod calls;
mod extrinsic;
mod files;
mod import;
mod network;
mod rpc;
mod runtime;
mod scale;
mod sync;
mod trie;

/// What became of an input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It got as far as what is valid gets.
    Taken,
    /// It was refused, as it should be.
    Refused,
}

impl Outcome {
    fn taken(is_taken: bool) -> Self {
        if is_taken { Self::Taken } else { Self::Refused }
    }
}

/// Something that takes bytes from anybody.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// What it is called, by the command and in the corpus.
    pub name: &'static str,
    /// Gives it an input.
    ///
    /// # Panics
    /// Something that always holds does not.
    pub run: fn(&[u8]) -> Outcome,
    /// Inputs to begin with, and what each is called. Made of what the code itself makes, such as real blocks: those whose
    /// name begins with `ok` are taken.
    pub seeds: fn() -> Vec<(String, Vec<u8>)>,
}

/// All targets.
pub const TARGETS: [Target; 9] = [
    Target { name: "extrinsic", run: extrinsic::run, seeds: extrinsic::seeds },
    Target { name: "calls", run: calls::run, seeds: calls::seeds },
    Target { name: "scale", run: scale::run, seeds: scale::seeds },
    Target { name: "trie", run: trie::run, seeds: trie::seeds },
    Target { name: "import", run: import::run, seeds: import::seeds },
    Target { name: "rpc", run: rpc::run, seeds: rpc::seeds },
    Target { name: "network", run: network::run, seeds: network::seeds },
    Target { name: "sync", run: sync::run, seeds: sync::seeds },
    Target { name: "files", run: files::run, seeds: files::seeds },
];

/// The target of this name.
pub fn target(name: &str) -> Option<Target> {
    TARGETS.into_iter().find(|target| target.name == name)
}
