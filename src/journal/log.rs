//! The write-ahead log that a killed daemon or a power cut left behind.
//!
//! SQLite ends its reading of a log at the first frame whose checksum is wrong, because that is how
//! a torn write looks, and drops the rest without a word. A bit that flipped in the middle would so
//! drop hundreds of payments that were acknowledged (D3). The two can be told apart: every
//! transaction is synced before the next one begins, so that a torn write has at most its own end
//! behind it. This file reads the log before SQLite does.
//!
//! Format: <https://www.sqlite.org/fileformat2.html#the_write_ahead_log>.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::ops::Range;

use rusqlite::Connection;

use super::error::{Fault, JournalError};
use super::place::Place;

/// An error where the log has acknowledged transactions that SQLite would drop.
pub(super) fn check(place: &Place) -> Result<(), JournalError> {
    if place.length()? == 0 {
        // The file has its first page before the log has anything; SQLite would delete the log.
        let what = "its file is empty, its log is not".to_owned();
        return Err(Fault::Damage(what).reading(&place.path));
    }
    let path = place.log();
    let inspected = File::open(&path).and_then(|file| inspect(BufReader::new(file)));
    match inspected {
        Ok(None) => Ok(()),
        Ok(Some(what)) => Err(Fault::Damage(what).reading(&place.path)),
        Err(cause) => Err(JournalError::File { path, cause }),
    }
}

/// Copies a log that was found good into the file, and begins another: what a torn write left in it
/// must not be taken for a part of what comes next.
pub(super) fn empty(connection: &Connection) -> Result<(), Fault> {
    Ok(connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", (), |_| Ok(()))?)
}

/// What is wrong with the log, if anything is.
fn inspect(mut log: impl Read) -> io::Result<Option<String>> {
    let mut bytes = [0; HEADER];
    if !fill(&mut log, &mut bytes)? {
        return Ok(None);
    }
    let Some(header) = Header::read(&bytes) else {
        // The header is synced before the first frame: zeros are a file whose content never came to
        // the disk.
        let never_written = bytes.iter().all(|&byte| byte == 0);
        return Ok(
            (!never_written).then(|| "the head of its log is not as it was written".to_owned())
        );
    };
    let mut frame = vec![0; FRAME_HEADER + header.page_size];
    let mut checksum = header.checksum;
    let mut broken_at = None;
    let mut commits = 0;
    let mut number = 0_u64;
    while fill(&mut log, &mut frame)? {
        number += 1;
        let ours = word(&frame, 8) == header.salts[0] && word(&frame, 12) == header.salts[1];
        let (before, written) = (checksum, [word(&frame, 16), word(&frame, 20)]);
        checksum = header.sum_frame(before, &frame);
        if broken_at.is_none() && !(ours && checksum == written) {
            broken_at = Some(number);
            // It may be broken in the very word that says it is a commit; then it is none.
            let said = frame[COMMIT].to_vec();
            frame[COMMIT].fill(0);
            if header.sum_frame(before, &frame) != written {
                frame[COMMIT].copy_from_slice(&said);
            }
        }
        if broken_at.is_some() && ours && word(&frame, COMMIT.start) != 0 {
            commits += 1;
        }
    }
    // One commit may be the torn transaction's own.
    Ok(broken_at.filter(|_| commits > 1).map(|at| {
        format!("its log is broken at frame {at} of {number}, with {commits} transactions behind")
    }))
}

/// The first 32 bytes of a log.
struct Header {
    big_endian: bool,
    page_size: usize,
    /// Stand in each frame of this turn; frames of an earlier one may follow the last.
    salts: [u32; 2],
    checksum: [u32; 2],
}

impl Header {
    fn read(bytes: &[u8; HEADER]) -> Option<Self> {
        let magic = word(bytes, 0);
        let page_size = usize::try_from(word(bytes, 8)).ok()?;
        let header = Self {
            big_endian: magic & 1 == 1,
            page_size,
            salts: [word(bytes, 16), word(bytes, 20)],
            checksum: [word(bytes, 24), word(bytes, 28)],
        };
        let known = magic & !1 == MAGIC && page_size.is_power_of_two();
        let sized = (PAGE_MIN..=PAGE_MAX).contains(&page_size);
        let whole = header.sum([0, 0], &bytes[..24]) == header.checksum;
        (known && sized && whole).then_some(header)
    }

    /// The checksum that a frame should have behind one with the checksum `before`.
    fn sum_frame(&self, before: [u32; 2], frame: &[u8]) -> [u32; 2] {
        self.sum(self.sum(before, &frame[..8]), &frame[FRAME_HEADER..])
    }

    /// The format's checksum, continued over `bytes` (a multiple of 8).
    fn sum(&self, [mut first, mut second]: [u32; 2], bytes: &[u8]) -> [u32; 2] {
        for pair in bytes.chunks_exact(8) {
            let [one, other] = [0, 4].map(|at| match self.big_endian {
                true => word(pair, at),
                false => word(pair, at).swap_bytes(),
            });
            first = first.wrapping_add(one).wrapping_add(second);
            second = second.wrapping_add(other).wrapping_add(first);
        }
        [first, second]
    }
}

/// Reads as many bytes as `bytes` holds; false where the log ends before.
fn fill(log: &mut impl Read, bytes: &mut [u8]) -> io::Result<bool> {
    match log.read_exact(bytes) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(false),
        Err(error) => Err(error),
    }
}

/// The big-endian number in the four bytes from `at`.
fn word(bytes: &[u8], at: usize) -> u32 {
    bytes[at..at + 4].iter().fold(0, |number, &byte| number << 8 | u32::from(byte))
}

const HEADER: usize = 32;
const FRAME_HEADER: usize = 24;
/// Of a frame: the number of pages after the commit that it ends, or zero.
const COMMIT: Range<usize> = 4..8;
const MAGIC: u32 = 0x377f_0682;
const PAGE_MIN: usize = 512;
const PAGE_MAX: usize = 65_536;
