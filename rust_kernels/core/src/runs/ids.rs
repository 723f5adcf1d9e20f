//! The ids of events: digests with the instants of arrival (µs).
//!
//! A run is `BHI1`, how many, the earliest and the latest arrival, the digests, the arrivals.

use super::digests::{self, Digest, Digests};
use super::{RunError, array, instant, number};

const MAGIC: &[u8; 4] = b"BHI1";
const HEADER: usize = 24;

/// A run of ids that is read where it lies.
#[derive(Debug)]
pub struct IdRun<'a> {
    bytes: &'a [u8],
    ids: Digests,
}

impl<'a> IdRun<'a> {
    /// Reads a run's head.
    pub fn open(bytes: &'a [u8]) -> Result<Self, RunError> {
        let length = bytes.len();
        let refused = RunError { kind: "ids", length };
        if length < HEADER || &array::<4>(bytes, 0) != MAGIC {
            return Err(refused);
        }
        let ids = Digests::at(HEADER, number(bytes, 4));
        if ids.end() + 8 * ids.count == length { Ok(Self { bytes, ids }) } else { Err(refused) }
    }

    /// Whether each id is there.
    #[must_use]
    pub fn has(&self, ids: &[Digest]) -> Vec<bool> {
        self.ids.find(self.bytes, ids).iter().map(Option::is_some).collect()
    }

    fn entries(&self) -> impl Iterator<Item = (Digest, i64)> {
        (0..self.ids.count)
            .map(|place| (self.ids.get(self.bytes, place), instant(self.bytes, self.ids.end() + 8 * place)))
    }
}

/// The numbers of those ids that are in a run.
#[must_use]
pub fn find_ids(runs: &[IdRun<'_>], ids: &[Digest]) -> Vec<usize> {
    let mut known = vec![false; ids.len()];
    for run in runs {
        known.iter_mut().zip(run.has(ids)).for_each(|(known, has)| *known |= has);
    }
    (0..ids.len()).filter(|number| known[*number]).collect()
}

/// Makes a run of ids in any order; of one that comes twice the last arrival counts.
#[must_use]
pub fn build_ids(ids: &[Digest], arrivals: &[i64]) -> Vec<u8> {
    written(ids.iter().copied().zip(arrivals.iter().copied()).collect())
}

/// Makes one run of several, the oldest first; of an id that is in many the last arrival counts.
#[must_use]
pub fn merge_ids(runs: &[IdRun<'_>]) -> Vec<u8> {
    written(runs.iter().flat_map(IdRun::entries).collect())
}

/// Makes a run of the ids that did not arrive before an instant; tells how many others there were.
#[must_use]
pub fn forget_ids(run: &IdRun<'_>, before: i64) -> (Vec<u8>, usize) {
    let kept: Vec<_> = run.entries().filter(|(_, arrival)| *arrival >= before).collect();
    let gone = run.ids.count - kept.len();
    (written(kept), gone)
}

/// No bytes where there are no ids.
fn written(mut entries: Vec<(Digest, i64)>) -> Vec<u8> {
    // Stable, and quick where parts are in order already.
    entries.sort_by_key(|(id, _)| u128::from_be_bytes(*id));
    entries.reverse();
    entries.dedup_by_key(|(id, _)| *id);
    entries.reverse();
    if entries.is_empty() {
        return Vec::new();
    }
    let arrivals = || entries.iter().map(|(_, arrival)| *arrival);
    let ids: Vec<Digest> = entries.iter().map(|(id, _)| *id).collect();
    let mut run = Vec::with_capacity(HEADER + 25 * ids.len() + 64);
    run.extend(MAGIC);
    run.extend((ids.len() as u32).to_le_bytes());
    run.extend(arrivals().min().unwrap_or(i64::MAX).to_le_bytes());
    run.extend(arrivals().max().unwrap_or(i64::MIN).to_le_bytes());
    digests::write(&ids, &mut run);
    run.extend(arrivals().flat_map(i64::to_le_bytes));
    run
}
