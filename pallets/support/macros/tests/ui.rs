//! What a user sees: `tests/ui/fail` with the compiler's whole output, `tests/ui/pass`.
//!
//! Each case names its mistake and the cure in its first lines, and marks the line that the
//! compiler must name with `//~`. `TRYBUILD=overwrite` writes the expected output, and `BLESS=1` the
//! table of the guide that lists them all.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// LIMIT: a mistake is told in at most this many errors.
const ERRORS_MAX: usize = 3;
/// LIMIT: and in at most this many bytes.
const BYTES_MAX: usize = 3 * 1024;
/// How many mistakes there are at least.
const CASES_MIN: usize = 50;

#[test]
fn ui_slow() {
    let cases = trybuild::TestCases::new();
    cases.pass("tests/ui/pass/*.rs");
    cases.compile_fail("tests/ui/fail/*.rs");
}

/// A case of `tests/ui/fail`.
struct Case {
    name: String,
    source: String,
    /// What the compiler says.
    output: String,
}

impl Case {
    /// All of them, in the order of their names.
    fn all() -> Vec<Self> {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/ui/fail");
        let mut paths: Vec<PathBuf> = fs::read_dir(folder)
            .expect("the folder is there")
            .map(|entry| entry.expect("it can be listed").path())
            .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
            .collect();
        paths.sort();
        let read = |path: &Path| fs::read_to_string(path).expect("it can be read");
        let case = |path: &PathBuf| Self {
            name: path.file_stem().expect("it has a name").to_string_lossy().into_owned(),
            source: read(path),
            output: read(&path.with_extension("stderr")),
        };
        paths.iter().map(case).collect()
    }

    /// What a comment at the start of the source says.
    fn comment(&self, name: &str) -> &str {
        let start = format!("// {name}: ");
        let line = self.source.lines().find_map(|line| line.strip_prefix(&start));
        line.expect("a case names its mistake and the cure").trim_end_matches('.')
    }

    /// The first error, without its code.
    fn message(&self) -> &str {
        let line = self.output.lines().find(|line| line.starts_with("error"));
        let (_, message) = line.and_then(|line| line.split_once(": ")).expect("there is one");
        message
    }

    /// The line of the source that the first error names.
    fn named_line(&self) -> usize {
        let arrow = self.output.lines().find_map(|line| line.trim_start().strip_prefix("--> "));
        let line = arrow.and_then(|place| place.split(':').nth(1));
        line.and_then(|line| line.parse().ok()).expect("a place has a line")
    }

    /// The lines that are marked.
    fn marked_lines(&self) -> Vec<usize> {
        let numbered = (1..).zip(self.source.lines());
        numbered.filter(|(_, line)| line.ends_with("//~")).map(|(number, _)| number).collect()
    }
}

#[test]
fn mistakes_are_told_briefly_and_at_their_line() {
    let cases = Case::all();
    assert!(cases.len() >= CASES_MIN, "there are {}", cases.len());
    for case in cases {
        let name = &case.name;
        let errors = case.output.lines().filter(|line| line.starts_with("error")).count();
        assert!((1..=ERRORS_MAX).contains(&errors), "{name}: {errors} errors");
        assert!(case.output.len() <= BYTES_MAX, "{name}: {} bytes", case.output.len());
        assert_eq!(case.marked_lines(), [case.named_line()], "{name}: the line of the mistake");
    }
}

#[test]
fn the_guide_lists_every_mistake() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../docs/guides/diagnostics.md");
    let guide = fs::read_to_string(path).expect("the guide is there");
    let cell = |text: &str| text.replace('|', "\\|");
    let rows: String = Case::all()
        .iter()
        .map(|case| {
            let (mistake, cure) = (case.comment("Mistake"), case.comment("Cure"));
            format!("| {} | {} | {} |\n", cell(mistake), cell(case.message()), cell(cure))
        })
        .collect();
    let head = "| mistake | message | cure |\n| --- | --- | --- |\n";
    let (before, rest) = guide.split_once(head).expect("the guide has the table");
    let end = rest.find("\n\n").map_or(rest.len(), |end| end + 1);
    let expected = format!("{before}{head}{rows}{}", &rest[end..]);
    if std::env::var_os("BLESS").is_some() {
        fs::write(path, &expected).expect("the guide can be written");
    } else {
        assert!(guide == expected, "the table differs from the cases; BLESS=1 writes it");
    }
}
