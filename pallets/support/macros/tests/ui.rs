//! What a user sees: `tests/ui/fail` with the compiler's whole output, `tests/ui/pass`.
//!
//! `TRYBUILD=overwrite` writes the expected output.

use std::fs;

/// LIMIT: a mistake is told in at most this many errors.
const ERRORS_MAX: usize = 3;
/// LIMIT: and in at most this many bytes.
const BYTES_MAX: usize = 3 * 1024;

#[test]
fn ui_slow() {
    let cases = trybuild::TestCases::new();
    cases.pass("tests/ui/pass/*.rs");
    cases.compile_fail("tests/ui/fail/*.rs");
}

#[test]
fn mistakes_are_told_briefly() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/ui/fail");
    let mut seen = 0;
    for entry in fs::read_dir(folder).expect("the folder is there") {
        let path = entry.expect("it can be listed").path();
        if path.extension().is_some_and(|extension| extension == "stderr") {
            let text = fs::read_to_string(&path).expect("it can be read");
            let errors = text.lines().filter(|line| line.starts_with("error")).count();
            assert!((1..=ERRORS_MAX).contains(&errors), "{}: {errors}", path.display());
            assert!(text.len() <= BYTES_MAX, "{}: {} bytes", path.display(), text.len());
            seen += 1;
        }
    }
    assert!(seen >= 12, "there are {seen}");
}
