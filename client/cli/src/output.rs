//! What commands print.

use std::io::{ErrorKind, Write};

/// Prints a line.
///
/// Ends the process when nobody reads any more, as in `citrate key inspect //Alice | head -1`.
pub(crate) fn line(text: &str) {
    bytes(text.as_bytes());
    bytes(b"\n");
}

/// Prints what may be no text; see [`line()`].
pub(crate) fn bytes(bytes: &[u8]) {
    let mut output = std::io::stdout().lock();
    if let Err(error) = output.write_all(bytes).and_then(|()| output.flush()) {
        let is_over = error.kind() == ErrorKind::BrokenPipe;
        if !is_over {
            fail(&error.into());
        }
        let code = i32::from(!is_over);
        std::process::exit(code)
    }
}

/// Says in one line why the command failed.
pub(crate) fn fail(error: &anyhow::Error) {
    let mut text = String::new();
    for cause in error.chain().map(ToString::to_string) {
        // Many errors say their cause themselves.
        if text.is_empty() {
            text = cause;
        } else if !text.contains(&cause) {
            text = format!("{text}: {cause}");
        }
    }
    // Nobody may read this either.
    let _ = writeln!(std::io::stderr().lock(), "error: {}", text.replace('\n', " "));
}
