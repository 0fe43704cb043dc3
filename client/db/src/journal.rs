//! The append-only file that makes writes durable before the tables have them.
//!
//! Frame: body length (u32), number (u64), checksum (8 bytes of blake2-128 over length, number and
//! body), body; integers little-endian. Numbers are consecutive.

use crate::{DbError, Sync};
use citrate_core::hashing::blake2_128;
use std::{
    fs::{File, OpenOptions},
    io::{BufReader, Read, Seek, SeekFrom, Write},
    path::Path,
};

const LENGTH_BYTES: usize = 4;
const NUMBER_BYTES: usize = 8;
const CHECKSUM_BYTES: usize = 8;
const HEADER_BYTES: usize = LENGTH_BYTES + NUMBER_BYTES + CHECKSUM_BYTES;

/// Takes a frame's number and body.
pub(crate) type Replay<'a> = dyn FnMut(u64, &[u8]) -> Result<(), DbError> + 'a;

/// The open journal.
#[derive(Debug)]
pub(crate) struct Journal {
    file: File,
    bytes: u64,
    sync: Sync,
}

impl Journal {
    /// Opens the journal, hands each whole frame to `replay`, and cuts a torn last one off.
    ///
    /// A frame that was being written when the process ended was never acknowledged. A bad frame
    /// with others after it is not such a frame: it is reported as corruption.
    pub(crate) fn open(path: &Path, sync: Sync, replay: &mut Replay<'_>) -> Result<Self, DbError> {
        let mut file =
            OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)?;
        let total = file.metadata()?.len();
        let mut reader = BufReader::new(&mut file);
        let mut bytes = 0;
        let mut previous: Option<u64> = None;
        loop {
            match read_frame(&mut reader, total - bytes)? {
                Frame::Whole { number, body, length } => {
                    if previous.is_some_and(|previous| previous + 1 != number) {
                        return Err(DbError::Corrupted(format!("journal skips frame {number}")));
                    }
                    previous = Some(number);
                    replay(number, &body)?;
                    bytes += length;
                }
                Frame::Torn => break,
                Frame::Bad => {
                    return Err(DbError::Corrupted(format!("journal frame at byte {bytes}")));
                }
            }
        }
        drop(reader);
        if bytes < total {
            tracing::warn!(target: "db", kept = bytes, cut = total - bytes, "journal ends in a torn frame");
            file.set_len(bytes)?;
        }
        file.seek(SeekFrom::Start(bytes))?;
        Ok(Self { file, bytes, sync })
    }

    /// Writes a frame; when this returns, it survives what the sync option says.
    pub(crate) fn append(&mut self, number: u64, body: &[u8]) -> Result<(), DbError> {
        let length = u32::try_from(body.len())
            .map_err(|_over| std::io::Error::from(std::io::ErrorKind::FileTooLarge))?;
        let mut frame = Vec::with_capacity(HEADER_BYTES + body.len());
        frame.extend(length.to_le_bytes());
        frame.extend(number.to_le_bytes());
        frame.extend(checksum(&frame, body));
        frame.extend_from_slice(body);
        self.file.write_all(&frame)?;
        if self.sync == Sync::Disk {
            self.file.sync_data()?;
        }
        self.bytes += frame.len() as u64;
        Ok(())
    }

    /// Forgets every frame.
    pub(crate) fn clear(&mut self) -> Result<(), DbError> {
        self.file.set_len(0)?;
        self.file.seek(SeekFrom::Start(0))?;
        if self.sync == Sync::Disk {
            self.file.sync_all()?;
        }
        self.bytes = 0;
        Ok(())
    }

    /// Makes every further write fail.
    #[cfg(test)]
    pub(crate) fn break_file(&mut self) {
        self.file = File::open("/dev/null").expect("exists");
    }

    /// Length of the file.
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes
    }
}

enum Frame {
    Whole { number: u64, body: Vec<u8>, length: u64 },
    Torn,
    Bad,
}

fn read_frame(reader: &mut impl Read, left: u64) -> Result<Frame, DbError> {
    if left < HEADER_BYTES as u64 {
        return Ok(Frame::Torn);
    }
    let mut header = [0; HEADER_BYTES];
    reader.read_exact(&mut header)?;
    let (start, sum) = header.split_at(LENGTH_BYTES + NUMBER_BYTES);
    let (length, number) = start.split_at(LENGTH_BYTES);
    let body_bytes = u64::from(u32::from_le_bytes(array(length)));
    let whole = HEADER_BYTES as u64 + body_bytes;
    if whole > left {
        return Ok(Frame::Torn);
    }
    let mut body = Vec::new();
    reader.take(body_bytes).read_to_end(&mut body)?;
    if checksum(start, &body) != sum {
        // A lost power supply can leave a file's last blocks zero.
        let zero = header.iter().chain(&body).all(|byte| *byte == 0);
        return Ok(if whole == left || zero { Frame::Torn } else { Frame::Bad });
    }
    Ok(Frame::Whole { number: u64::from_le_bytes(array(number)), body, length: whole })
}

fn checksum(start: &[u8], body: &[u8]) -> [u8; CHECKSUM_BYTES] {
    array(&blake2_128(&[start, body].concat())[..CHECKSUM_BYTES])
}

fn array<const N: usize>(bytes: &[u8]) -> [u8; N] {
    let mut array = [0; N];
    array.copy_from_slice(bytes);
    array
}
