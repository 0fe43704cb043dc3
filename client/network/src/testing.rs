//! Frames of requests and responses as they come from a stream, for tests and fuzzers of other crates.

use std::io;

use futures::{executor::block_on, io::Cursor};
use libp2p::{StreamProtocol, request_response::Codec as _};

use crate::codec::{Answer, Codec, Question};

static PROTOCOL: StreamProtocol = StreamProtocol::new("/testing");

fn codec(bytes_max: usize) -> Codec {
    Codec { request_bytes_max: bytes_max, response_bytes_max: bytes_max }
}

/// The request at the beginning of these bytes; `None` if it says that it is longer than the limit.
///
/// # Errors
/// The bytes end before it does.
pub fn read_request(bytes: &[u8], bytes_max: usize) -> io::Result<Option<Vec<u8>>> {
    let (mut codec, mut stream) = (codec(bytes_max), Cursor::new(bytes));
    let read = block_on(codec.read_request(&PROTOCOL, &mut stream));
    read.map(|question| match question {
        Question::Data(data) => Some(data),
        Question::TooLong => None,
    })
}

/// The response at the beginning of these bytes; `None` if it is a refusal.
///
/// # Errors
/// The bytes end before it does, it says that it is longer than the limit, or is of no known kind.
pub fn read_response(bytes: &[u8], bytes_max: usize) -> io::Result<Option<Vec<u8>>> {
    let (mut codec, mut stream) = (codec(bytes_max), Cursor::new(bytes));
    let read = block_on(codec.read_response(&PROTOCOL, &mut stream));
    read.map(|answer| match answer {
        Answer::Data(data) => Some(data),
        Answer::Refused => None,
    })
}
