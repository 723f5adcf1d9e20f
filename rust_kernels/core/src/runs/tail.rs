//! The rows of keys by time.
//!
//! A run is `BHT1`, how many keys, how many rows, nothing, the earliest and the latest time; the digests of the keys;
//! of each key its first row and at last their number; the times; where each row's bytes start and at last their end;
//! the bytes.

use std::ops::Range;

use super::digests::{Digest, Digests, touch};
use super::{RunError, array, instant, number};

pub(super) const MAGIC: &[u8; 4] = b"BHT1";
pub(super) const HEADER: usize = 32;

/// A run of rows that is read where it lies.
#[derive(Debug)]
pub struct TailRun<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) keys: Digests,
    /// How many rows there are.
    pub rows: usize,
    times: usize,
    offsets: usize,
    first: usize,
}

/// A row of one of several runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The number of its key among those asked for.
    pub key: usize,
    /// The number of its run.
    pub run: usize,
    /// Its number in the run.
    pub row: usize,
}

impl<'a> TailRun<'a> {
    /// Reads a run's head.
    pub fn open(bytes: &'a [u8]) -> Result<Self, RunError> {
        let length = bytes.len();
        let refused = RunError { kind: "rows", length };
        if length < HEADER || &array::<4>(bytes, 0) != MAGIC {
            return Err(refused);
        }
        let (keys, rows) = (Digests::at(HEADER, number(bytes, 4)), number(bytes, 8));
        let times = keys.end() + 4 * (keys.count + 1);
        let offsets = times + 8 * rows;
        let first = offsets + 4 * (rows + 1);
        if first > length || first + number(bytes, first - 4) != length {
            return Err(refused);
        }
        Ok(Self { bytes, keys, rows, times, offsets, first })
    }

    /// When a row's event happened.
    #[must_use]
    pub fn time(&self, row: usize) -> i64 {
        instant(self.bytes, self.times + 8 * row)
    }

    /// A row's bytes.
    #[must_use]
    pub fn row(&self, row: usize) -> &'a [u8] {
        let start = number(self.bytes, self.offsets + 4 * row);
        let end = number(self.bytes, self.offsets + 4 * row + 4);
        &self.bytes[self.first + start..self.first + end]
    }

    /// The rows of the key at a place, the earliest first.
    pub(super) fn rows_at(&self, place: usize) -> Range<usize> {
        let at = self.keys.end() + 4 * place;
        number(self.bytes, at)..number(self.bytes, at + 4)
    }

    /// The rows of each key with first ≤ time ≤ last.
    fn rows_within(&self, keys: &[Digest], first: i64, last: i64) -> Vec<Range<usize>> {
        let places = self.keys.find(self.bytes, keys).into_iter();
        let rows: Vec<_> = places.map(|place| place.map_or(0..0, |place| self.rows_at(place))).collect();
        let some = rows.iter().filter(|rows| !rows.is_empty());
        touch(some.map(|rows| self.bytes[self.times + 8 * rows.start]));
        let within = |rows: &Range<usize>| {
            let (mut start, mut end) = (rows.start, rows.end);
            if first > i64::MIN {
                start += partition(rows, |row| self.time(row) < first);
            }
            end = end.min(rows.start + partition(rows, |row| self.time(row) <= last));
            start..end.max(start)
        };
        rows.iter().map(within).collect()
    }

    fn overlaps(&self, first: i64, last: i64) -> bool {
        instant(self.bytes, 16) <= last && instant(self.bytes, 24) >= first
    }
}

/// The rows of keys with first ≤ time ≤ last: by key, by time, and those of one time as they came.
#[must_use]
pub fn find_rows(runs: &[TailRun<'_>], keys: &[Digest], first: i64, last: i64) -> Vec<Place> {
    let near = (0..runs.len()).filter(|run| runs[*run].overlaps(first, last));
    let within: Vec<_> = near.map(|run| (run, runs[run].rows_within(keys, first, last))).collect();
    let mut found: Vec<Place> = Vec::new();
    for key in 0..keys.len() {
        let (start, mut parts) = (found.len(), 0);
        for &(run, ref rows) in &within {
            parts += usize::from(!rows[key].is_empty());
            found.extend(rows[key].clone().map(|row| Place { key, run, row }));
        }
        if parts > 1 {
            found[start..].sort_by_key(|place| runs[place.run].time(place.row));
        }
    }
    found
}

/// The bytes of rows of runs.
#[must_use]
pub fn read_rows<'a>(runs: &[TailRun<'a>], places: &[Place]) -> Vec<&'a [u8]> {
    let rows: Vec<&[u8]> = places.iter().map(|place| runs[place.run].row(place.row)).collect();
    touch(rows.iter().filter_map(|row| row.first().copied()));
    rows
}

/// How many rows from the first on are of a kind, if those after them are not.
fn partition(rows: &Range<usize>, is: impl Fn(usize) -> bool) -> usize {
    let (mut low, mut high) = (rows.start, rows.end);
    while low < high {
        let middle = low.midpoint(high);
        if is(middle) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    low - rows.start
}
