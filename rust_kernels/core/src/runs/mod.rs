//! Runs: what a stream adds to an index, as sorted values that never change and are merged now and then.
//!
//! 1. A batch becomes one run: digests in order with a table that tells where each leading part of them starts.
//! 2. Looking a digest up takes a place from that table and then a few comparisons, in every run.
//! 3. Runs that follow one another are merged into one, so that there are few and each row is rewritten seldom.
//!
//! `TailRun` holds the rows of keys by time, `IdRun` the ids of events with their arrivals,
//! `RangeRun` where the rows of keys lie in a generation. All numbers are
//! little-endian.

mod digests;
mod ids;
mod pack;
mod ranges;
mod row_digests;
mod tail;
mod tail_merge;
#[cfg(test)]
mod tests;

use thiserror::Error;

pub use digests::Digest;
pub use ids::{IdRun, build_ids, find_ids, forget_ids, merge_ids};
pub use pack::{PackError, pack_rows};
pub use ranges::{RangeRun, build_ranges};
pub use row_digests::row_digests;
pub use tail::{Place, TailRun, find_rows, read_rows};
pub use tail_merge::{build_tail, keep_rows, merge_tails};

/// Bytes that hold no run.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("an index holds {length} bytes that are no run of {kind}")]
pub struct RunError {
    /// What was expected.
    pub kind: &'static str,
    /// How much there was.
    pub length: usize,
}

/// So many bytes from a place on.
fn array<const N: usize>(bytes: &[u8], at: usize) -> [u8; N] {
    let part = &bytes[at..at + N];
    std::array::from_fn(|place| part[place])
}

/// A number of 32 bits.
fn number(bytes: &[u8], at: usize) -> usize {
    u32::from_le_bytes(array(bytes, at)) as usize
}

/// An instant or another number of 64 bits.
fn instant(bytes: &[u8], at: usize) -> i64 {
    i64::from_le_bytes(array(bytes, at))
}
