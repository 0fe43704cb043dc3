//! What a reader may rely on in every source file.

use crate::workspace::Workspace;
use anyhow::Result;
use std::path::Path;

/// LIMIT: lines of a Rust source file; what is longer is two subjects.
const LINES_MAX: usize = 600;
/// Words that mark unfinished work; each needs the number of an issue: `TODO(#12)`.
const UNFINISHED: [&str; 3] = ["TODO", "FIXME", "XXX"];

/// Every file that is too long, not ASCII, or unfinished without an issue.
pub(crate) fn check(workspace: &Workspace) -> Result<Vec<String>> {
    let files = workspace.texts(&["*.rs", "*.toml"])?;
    Ok(files.iter().flat_map(|(name, text)| judge(name, text)).collect())
}

fn judge(name: &str, text: &str) -> Vec<String> {
    let mut problems = Vec::new();
    if is_written(name) && text.lines().count() > LINES_MAX {
        problems.push(format!("{name}: more than {LINES_MAX} lines"));
    }
    for (number, line) in (1..).zip(text.lines()) {
        if !line.is_ascii() {
            problems.push(format!("{name}:{number}: not ASCII"));
        }
        if is_unfinished(line) {
            problems.push(format!("{name}:{number}: unfinished, without an issue's number"));
        }
    }
    problems
}

/// Whether a person wrote the file: not a test's expectation.
fn is_written(name: &str) -> bool {
    let path = Path::new(name);
    path.extension().is_some_and(|extension| extension == "rs") && !name.ends_with(".expanded.rs")
}

fn is_unfinished(line: &str) -> bool {
    let Some((_, comment)) = line.split_once("//") else { return false };
    UNFINISHED.iter().any(|word| {
        comment.split_once(word).is_some_and(|(before, after)| {
            let is_word = !before.ends_with(|c: char| c.is_alphanumeric())
                && !after.starts_with(|c: char| c.is_alphanumeric());
            is_word && !after.starts_with("(#")
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sound_file_has_no_problem() {
        assert_eq!(judge("a.rs", "//! What it is.\nfn f() {} // TODO(#7): more\n"), [""; 0]);
        assert_eq!(judge("a.rs", "const MASK: &str = \"0xXXXX\"; // XXXX is a pattern\n"), [""; 0]);
    }

    #[test]
    fn each_problem_is_named_with_its_line() {
        let long = "x\n".repeat(LINES_MAX + 1);
        assert_eq!(judge("a.rs", &long), ["a.rs: more than 600 lines"]);
        assert_eq!(judge("a.expanded.rs", &long), [""; 0]);
        assert_eq!(judge("a.rs", "\nlet x = '\u{e4}';\n"), ["a.rs:2: not ASCII"]);
        let unfinished = "a.rs:1: unfinished, without an issue's number";
        assert_eq!(judge("a.rs", &format!("f(); // {} later\n", UNFINISHED[1])), [unfinished]);
    }
}
