//! The custom section `runtime_version`, from which the node knows a blob without running it.

use alloc::borrow::Cow;
use citrate_core::RuntimeVersion;

/// Puts a constant [`RuntimeVersion`] into the blob's custom section `runtime_version`, without its
/// APIs, which are in `runtime_apis`.
#[macro_export]
macro_rules! runtime_version_section {
    ($version:expr) => {
        #[cfg(target_family = "wasm")]
        #[allow(unsafe_code, reason = "names a section")]
        const _: () = {
            static __VERSION: $crate::__private::RuntimeVersion = $version;
            const __LEN: usize = $crate::__private::version_len(&__VERSION);
            #[used]
            #[unsafe(link_section = "runtime_version")]
            static __SECTION: [u8; __LEN] = $crate::__private::encode_version(&__VERSION);
        };
    };
}

#[expect(clippy::ptr_arg, reason = "tells constants from computed texts")]
#[expect(clippy::panic, reason = "evaluated by the compiler")]
const fn text(text: &Cow<'static, str>) -> &'static [u8] {
    match text {
        Cow::Borrowed(text) => {
            assert!(text.len() < 64, "names of a runtime have at most 63 bytes");
            text.as_bytes()
        }
        Cow::Owned(_) => panic!("names of a runtime are constants"),
    }
}

/// Bytes of the section: two names with a length byte each, an empty list, 4 numbers and a byte.
#[must_use]
pub const fn version_len(version: &RuntimeVersion) -> usize {
    1 + text(&version.spec_name).len() + 1 + text(&version.impl_name).len() + 12 + 1 + 4 + 1
}

struct Writer<const N: usize> {
    bytes: [u8; N],
    at: usize,
}

impl<const N: usize> Writer<N> {
    const fn write(mut self, bytes: &[u8]) -> Self {
        let mut index = 0;
        while index < bytes.len() {
            self.bytes[self.at] = bytes[index];
            self.at += 1;
            index += 1;
        }
        self
    }

    /// A text with its compact length, which is one byte below 64.
    #[expect(clippy::cast_possible_truncation, reason = "checked to be below 64")]
    const fn text(self, bytes: &[u8]) -> Self {
        self.write(&[(bytes.len() as u8) << 2]).write(bytes)
    }
}

/// SCALE of the version without its APIs.
#[must_use]
pub const fn encode_version<const N: usize>(version: &RuntimeVersion) -> [u8; N] {
    Writer { bytes: [0; N], at: 0 }
        .text(text(&version.spec_name))
        .text(text(&version.impl_name))
        .write(&version.authoring_version.to_le_bytes())
        .write(&version.spec_version.to_le_bytes())
        .write(&version.impl_version.to_le_bytes())
        .write(&[0])
        .write(&version.transaction_version.to_le_bytes())
        .write(&[version.system_version])
        .bytes
}
