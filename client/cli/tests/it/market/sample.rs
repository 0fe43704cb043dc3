//! Files to ask about, made of what everybody may write down.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// A picture of one pixel.
const PNG: &[u8] =
    b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0\x1f\x15\xc4\x89\
    \0\0\0\rIDATx\x9cc\xfc\xcf\xc0\xf0\x1f\0\x05\x05\x02\0_\xc8\xf1\xd2\0\0\0\0IEND\xaeB`\x82";

/// An archive of one stored file without a content check that anybody looks at.
fn zip() -> Vec<u8> {
    let (name, content) = (b"hello.txt", b"hello, hello, hello");
    let sizes = [[content.len() as u8, 0, 0, 0], [content.len() as u8, 0, 0, 0]].concat();
    let common =
        [&[20, 0, 0, 0, 0, 0, 0, 0, 0x21, 0x50][..], &[0; 4], &sizes, &[9, 0, 0, 0]].concat();
    let local = [&b"PK\x03\x04"[..], &common, name, content].concat();
    let central = [&b"PK\x01\x02\x14\0"[..], &common, &[0; 14], name].concat();
    let end = [
        &b"PK\x05\x06\0\0\0\0\x01\0\x01\0"[..],
        &[central.len() as u8, 0, 0, 0, local.len() as u8, 0, 0, 0, 0, 0],
    ];
    [&local[..], &central, &end.concat()].concat()
}

/// The files, written into a folder, each with the label that is certain of it.
pub(super) fn files(folder: &Path) -> Vec<(PathBuf, Option<&'static str>)> {
    let root = super::repository();
    let write = |name: &str, content: &[u8]| {
        let path = folder.join(name);
        fs::write(&path, content).unwrap();
        path
    };
    // Copied, because the repository may change while a test runs, and Python reads them later.
    let copy = |path: &str, name: &str| write(name, &fs::read(root.join(path)).unwrap());
    vec![
        (copy("README.md", "README.md"), Some("markdown")),
        (copy("client/inference/tests/compare.py", "compare.py"), Some("python")),
        (write("pixel.png", PNG), Some("png")),
        (write("archive.zip", &zip()), Some("zip")),
        (write("empty", b""), None),
        (write("white space", &b" \n\t".repeat(3_000)), None),
        // Many megabytes, of which only two blocks are sent.
        (PathBuf::from(env!("CARGO_BIN_EXE_citrate")), Some("elf")),
    ]
}
