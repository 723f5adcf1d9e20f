//! Digests in order, found through a table of their leading bits.

use std::cmp::Ordering;
use std::ops::Range;

use super::{array, number};

/// What stands for a key or an id.
pub type Digest = [u8; 16];

/// How many digests share a place of the table, as a power of two.
const SHARED: u32 = 3;

/// Where the digests of a run lie in its bytes: the table, then the digests.
#[derive(Clone, Copy, Debug)]
pub struct Digests {
    table: usize,
    first: usize,
    bits: u32,
    /// How many there are.
    pub count: usize,
}

impl Digests {
    /// So many digests, whose table starts at a place.
    pub fn at(table: usize, count: usize) -> Self {
        let bits = bits(count);
        Self { table, first: table + 4 * ((1 << bits) + 1), bits, count }
    }

    /// Where they end.
    pub fn end(&self) -> usize {
        self.first + 16 * self.count
    }

    /// The digest of a place.
    pub fn get(&self, bytes: &[u8], place: usize) -> Digest {
        array(bytes, self.first + 16 * place)
    }

    /// The place of each digest that is there.
    ///
    /// Many are looked up step by step, not one after another: so the reads of a step wait for memory together.
    pub fn find(&self, bytes: &[u8], wanted: &[Digest]) -> Vec<Option<usize>> {
        let near: Vec<Range<usize>> = wanted.iter().map(|digest| self.near(bytes, digest)).collect();
        let some = near.iter().filter(|near| !near.is_empty());
        touch(some.map(|near| bytes[self.first + 16 * near.start.midpoint(near.end)]));
        wanted.iter().zip(near).map(|(digest, near)| self.search(bytes, digest, near)).collect()
    }

    /// The places of those that share a digest's leading bits.
    fn near(&self, bytes: &[u8], digest: &Digest) -> Range<usize> {
        let at = self.table + 4 * lead(digest, self.bits);
        number(bytes, at)..number(bytes, at + 4)
    }

    fn search(&self, bytes: &[u8], wanted: &Digest, near: Range<usize>) -> Option<usize> {
        let (mut low, mut high) = (near.start, near.end);
        while low < high {
            let middle = low.midpoint(high);
            match self.get(bytes, middle).cmp(wanted) {
                Ordering::Less => low = middle + 1,
                Ordering::Greater => high = middle,
                Ordering::Equal => return Some(middle),
            }
        }
        None
    }
}

/// Brings bytes into the cache that are read right after; none of these reads waits for another.
pub fn touch(bytes: impl Iterator<Item = u8>) {
    std::hint::black_box(bytes.fold(0, |all, byte| all ^ byte));
}

/// Writes digests, which are in order and all different, after their table.
pub fn write(digests: &[Digest], to: &mut Vec<u8>) {
    let bits = bits(digests.len());
    let mut place = 0;
    for bucket in 0..=1_usize << bits {
        while place < digests.len() && lead(&digests[place], bits) < bucket {
            place += 1;
        }
        to.extend((place as u32).to_le_bytes());
    }
    to.extend(digests.as_flattened());
}

fn bits(count: usize) -> u32 {
    count.checked_ilog2().unwrap_or(0).saturating_sub(SHARED)
}

fn lead(digest: &Digest, bits: u32) -> usize {
    let first = u64::from_be_bytes(std::array::from_fn(|place| digest[place]));
    first.checked_shr(64 - bits).unwrap_or(0) as usize
}
