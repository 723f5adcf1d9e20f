//! One bucket's rows by key, and within each key by time.

use std::cmp::Ordering;
use std::ops::Range;

use rayon::prelude::*;

/// From here on one key's rows are sorted by all cores.
const HOT: usize = 1 << 17;

/// The order of a bucket's rows.
pub struct Grouped {
    /// Where each key's rows start, and where the last one's end.
    pub starts: Vec<u32>,
    /// The places of the rows, sorted.
    pub order: Vec<u32>,
    /// Their times, sorted.
    pub times: Vec<i64>,
}

impl Grouped {
    /// Sorts by (key, time), equal times in the order they came; `ids` lie within `keys`.
    #[must_use]
    pub fn new(ids: &[u32], times: &[i64], keys: &Range<u32>) -> Self {
        let mut starts = vec![0_u32; keys.len() + 1];
        for id in ids {
            starts[(id - keys.start) as usize + 1] += 1;
        }
        for key in 1..starts.len() {
            starts[key] += starts[key - 1];
        }
        let (Some(&least), Some(&most)) = (times.iter().min(), times.iter().max()) else {
            return Self { starts, order: Vec::new(), times: Vec::new() };
        };
        let bits = usize::BITS - (ids.len() - 1).leading_zeros();
        let (order, times) = if most.abs_diff(least).leading_zeros() >= bits {
            // Time and place in one word sort twice as fast as a pair.
            let pack = |time: i64, place: u32| time.abs_diff(least) << bits | u64::from(place);
            let place = |word: &u64| (word & ((1 << bits) - 1)) as u32;
            let time = |word: &u64| least.wrapping_add((word >> bits) as i64);
            sorted(ids, times, keys.start, &starts, pack, place, time)
        } else {
            sorted(ids, times, keys.start, &starts, |time, place| (time, place), |pair| pair.1, |pair| pair.0)
        };
        Self { starts, order, times }
    }

    /// The sorted rows of the key at `place` in the bucket.
    #[must_use]
    pub fn key(&self, place: usize) -> Range<usize> {
        self.starts[place] as usize..self.starts[place + 1] as usize
    }

    /// Puts rows of one key and one time into the order that `compare` gives their places.
    pub fn break_ties(&mut self, compare: impl Fn(u32, u32) -> Ordering) {
        for key in 0..self.starts.len() - 1 {
            let Range { mut start, end } = self.key(key);
            while start < end {
                let time = self.times[start];
                let run = self.times[start..end].iter().take_while(|other| **other == time).count();
                if run > 1 {
                    self.order[start..start + run].sort_by(|left, right| compare(*left, *right));
                }
                start += run;
            }
        }
    }

    /// A column in sorted order.
    #[must_use]
    pub fn sort<T: Copy>(&self, values: &[T]) -> Vec<T> {
        self.order.iter().map(|place| values[*place as usize]).collect()
    }
}

fn sorted<W: Copy + Default + Ord + Send>(
    ids: &[u32],
    times: &[i64],
    first: u32,
    starts: &[u32],
    pack: impl Fn(i64, u32) -> W,
    place: impl Fn(&W) -> u32,
    time: impl Fn(&W) -> i64,
) -> (Vec<u32>, Vec<i64>) {
    let mut next = starts.to_vec();
    let mut words = vec![W::default(); ids.len()];
    for ((row, id), at) in (0..).zip(ids).zip(times) {
        let slot = &mut next[(id - first) as usize];
        words[*slot as usize] = pack(*at, row);
        *slot += 1;
    }
    for bounds in starts.windows(2) {
        let rows = &mut words[bounds[0] as usize..bounds[1] as usize];
        if rows.len() < HOT {
            rows.sort_unstable();
        } else {
            rows.par_sort_unstable();
        }
    }
    (words.iter().map(place).collect(), words.iter().map(time).collect())
}
