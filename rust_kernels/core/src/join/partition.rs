//! Deals rows out to buckets of neighbouring keys, small enough that a bucket's work stays in a core's cache.

use std::ops::Range;

use super::key::NO_KEY;
use super::value::Values;

/// Events and rows a bucket should hold together.
const BUCKET: usize = 1 << 14;
const MOST_BUCKETS: usize = 1 << 11;

/// Which bucket each key belongs to.
pub struct Buckets {
    of_key: Vec<u16>,
    /// The keys of each bucket.
    pub keys: Vec<Range<u32>>,
}

impl Buckets {
    /// Balances buckets over the keys by a sample of where events and rows fall.
    #[must_use]
    pub fn balanced(keys: usize, events: &[Vec<u32>], rows: &[Vec<u32>]) -> Self {
        let total = events.iter().chain(rows).map(Vec::len).sum::<usize>();
        let buckets = (total / BUCKET).clamp(1, MOST_BUCKETS);
        let step = (total / (1 << 19)).max(1);
        let mut weights = vec![0_u32; keys];
        for ids in events.iter().chain(rows) {
            for &id in ids.iter().step_by(step).filter(|id| **id != NO_KEY) {
                weights[id as usize] += 1;
            }
        }
        let share = weights.iter().map(|weight| *weight as usize).sum::<usize>().div_ceil(buckets).max(1);
        let mut of_key = Vec::with_capacity(keys);
        let (mut ranges, mut start, mut held): (Vec<Range<u32>>, usize, usize) = (Vec::new(), 0, 0);
        for (key, weight) in weights.iter().enumerate() {
            // A hot key gets a bucket of its own.
            if held > 0 && held + *weight as usize > share && ranges.len() < 2 * MOST_BUCKETS {
                ranges.push(start as u32..key as u32);
                (start, held) = (key, 0);
            }
            held += *weight as usize;
            of_key.push(ranges.len() as u16);
        }
        ranges.push(start as u32..keys as u32);
        Self { of_key, keys: ranges }
    }
}

/// One span's rows in the order of their buckets, without those that have no key.
#[derive(Debug, Default)]
pub struct Dealt {
    /// Where each bucket starts, and where the last one ends.
    pub starts: Vec<u32>,
    /// Key numbers.
    pub ids: Vec<u32>,
    /// Row numbers in the table.
    pub numbers: Vec<u32>,
    /// Event times, or the times that the rows ask for.
    pub times: Vec<i64>,
    /// When events could be known, where that is another time.
    pub known: Option<Vec<i64>>,
    /// From when on events no longer count, if any ever does not.
    pub until: Option<Vec<i64>>,
    /// The columns that are aggregated.
    pub columns: Vec<Values>,
    /// The columns of rows that bound windows.
    pub bounds: Vec<Vec<Option<i64>>>,
}

/// Where each row of a span goes.
pub struct Deal {
    /// None where every row stays where it is.
    places: Option<Vec<u32>>,
    starts: Vec<u32>,
}

impl Deal {
    /// Finds the places by counting.
    #[must_use]
    pub fn new(ids: &[u32], buckets: &Buckets) -> Self {
        if buckets.keys.len() == 1 && !ids.contains(&NO_KEY) {
            return Self { places: None, starts: vec![0, ids.len() as u32] };
        }
        let mut starts = vec![0_u32; buckets.keys.len() + 1];
        for &id in ids.iter().filter(|id| **id != NO_KEY) {
            starts[buckets.of_key[id as usize] as usize + 1] += 1;
        }
        for bucket in 1..starts.len() {
            starts[bucket] += starts[bucket - 1];
        }
        let mut next = starts.clone();
        let place = |&id: &u32| {
            if id == NO_KEY {
                return NO_KEY;
            }
            let slot = &mut next[buckets.of_key[id as usize] as usize];
            *slot += 1;
            *slot - 1
        };
        Self { places: Some(ids.iter().map(place).collect()), starts }
    }

    /// Moves one column's values to their places.
    #[must_use]
    pub fn scatter<T: Copy + Default>(&self, values: impl IntoIterator<Item = T>) -> Vec<T> {
        let Some(places) = &self.places else {
            return values.into_iter().take(self.starts[1] as usize).collect();
        };
        let mut moved = vec![T::default(); self.starts.last().map_or(0, |end| *end as usize)];
        for (value, &place) in values.into_iter().zip(places) {
            if place != NO_KEY {
                moved[place as usize] = value;
            }
        }
        moved
    }

    /// The bucket bounds.
    #[must_use]
    pub fn into_starts(self) -> Vec<u32> {
        self.starts
    }
}

impl Dealt {
    /// The rows of a bucket.
    #[must_use]
    pub fn bucket(&self, bucket: usize) -> Range<usize> {
        self.starts[bucket] as usize..self.starts[bucket + 1] as usize
    }
}

/// Joins one bucket's slices of all spans.
#[must_use]
pub fn gather<'a, T: Copy + 'a>(
    spans: &'a [Dealt],
    bucket: usize,
    of: impl Fn(&'a Dealt) -> &'a [T],
) -> Vec<T> {
    let mut joined = Vec::with_capacity(spans.iter().map(|span| span.bucket(bucket).len()).sum());
    for span in spans {
        joined.extend_from_slice(&of(span)[span.bucket(bucket)]);
    }
    joined
}
