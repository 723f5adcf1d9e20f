//! Where the rows of each key lie in a generation.
//!
//! A run is `BHR1`, how many keys, the digests; of each key its first row and how many there are.

use super::digests::{self, Digest, Digests};
use super::{RunError, array, number};

const MAGIC: &[u8; 4] = b"BHR1";
const HEADER: usize = 8;
const RANGE: usize = 16;

/// A run of ranges that is read where it lies.
#[derive(Debug)]
pub struct RangeRun<'a> {
    bytes: &'a [u8],
    keys: Digests,
}

impl<'a> RangeRun<'a> {
    /// Reads a run's head.
    pub fn open(bytes: &'a [u8]) -> Result<Self, RunError> {
        let length = bytes.len();
        let refused = RunError { kind: "ranges", length };
        if length < HEADER || &array::<4>(bytes, 0) != MAGIC {
            return Err(refused);
        }
        let keys = Digests::at(HEADER, number(bytes, 4));
        if keys.end() + RANGE * keys.count == length { Ok(Self { bytes, keys }) } else { Err(refused) }
    }

    /// The first row of each key and how many there are, 8 bytes each.
    #[must_use]
    pub fn find(&self, keys: &[Digest]) -> Vec<Option<&'a [u8]>> {
        let ranges = self.keys.end();
        let range = |place: usize| self.bytes.get(ranges + RANGE * place..ranges + RANGE * (place + 1));
        self.keys.find(self.bytes, keys).into_iter().map(|place| range(place?)).collect()
    }
}

/// Makes a run of keys whose rows follow one another: the digest of each, all different, and how many rows it has.
#[must_use]
pub fn build_ranges(keys: &[Digest], rows: &[u64]) -> Vec<u8> {
    let starts = rows.iter().scan(0, |next, rows| Some(std::mem::replace(next, *next + rows)));
    let mut ranges: Vec<_> = keys.iter().zip(starts).zip(rows).collect();
    ranges.sort_unstable_by_key(|((key, _), _)| u128::from_be_bytes(**key));
    let keys: Vec<Digest> = ranges.iter().map(|((key, _), _)| **key).collect();
    let mut run = Vec::with_capacity(HEADER + 34 * keys.len() + 64);
    run.extend(MAGIC);
    run.extend((keys.len() as u32).to_le_bytes());
    digests::write(&keys, &mut run);
    for ((_, start), rows) in ranges {
        run.extend(start.to_le_bytes());
        run.extend(rows.to_le_bytes());
    }
    run
}
