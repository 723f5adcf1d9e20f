//! A vocabulary: terms in one run of bytes, and a table that finds the number of each.
use hashbrown::HashTable;
use hashbrown::hash_table::Entry;
use xxhash_rust::xxh3::xxh3_64;

/// Terms up to this length are compared within the table; most are.
const SHORT: usize = 16;

/// Terms, numbered in the order in which they came.
#[derive(Debug, Default)]
pub struct Vocabulary {
    letters: String,
    ends: Vec<usize>,
    numbers: HashTable<(Key, u32)>,
}

/// What stands for a term in the table: a short one's bytes, which the first and the last eight tell with its length.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Key {
    first: u64,
    last: u64,
    length: u32,
}

impl Key {
    #[inline]
    fn new(term: &str) -> Self {
        let bytes = term.as_bytes();
        let (first, last) = match bytes.len() {
            8..=SHORT => (eight(bytes.first_chunk()), eight(bytes.last_chunk())),
            4..=7 => (four(bytes.first_chunk()), four(bytes.last_chunk())),
            0..=3 => (bytes.iter().fold(0, |packed, byte| packed << 8 | u64::from(*byte)), 0),
            _ => (xxh3_64(bytes), 0),
        };
        Self { first, last, length: bytes.len() as u32 }
    }

    /// A product of 128 bits, folded, spreads all bits of both halves.
    #[inline]
    fn hash(self) -> u64 {
        let (one, other) = (self.first ^ 0xa076_1d64_78bd_642f, self.last ^ 0xe703_7ed1_a0b4_28db);
        let spread = u128::from(one) * u128::from(other ^ u64::from(self.length));
        (spread ^ (spread >> 64)) as u64
    }

    fn is_whole(self) -> bool {
        self.length as usize <= SHORT
    }
}

#[inline]
fn eight(bytes: Option<&[u8; 8]>) -> u64 {
    bytes.map_or(0, |bytes| u64::from_le_bytes(*bytes))
}

#[inline]
fn four(bytes: Option<&[u8; 4]>) -> u64 {
    bytes.map_or(0, |bytes| u64::from(u32::from_le_bytes(*bytes)))
}

impl Vocabulary {
    /// How many terms there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The term of a number.
    #[must_use]
    pub fn term(&self, number: u32) -> &str {
        term(&self.letters, &self.ends, number)
    }

    /// All terms, by number.
    pub fn terms(&self) -> impl Iterator<Item = &str> {
        (0..self.len() as u32).map(|number| self.term(number))
    }

    /// The number of a term, where it is known.
    #[inline]
    #[must_use]
    pub fn number(&self, wanted: &str) -> Option<u32> {
        let key = Key::new(wanted);
        let same = |seen: &(Key, u32)| seen.0 == key && (key.is_whole() || self.term(seen.1) == wanted);
        self.numbers.find(key.hash(), same).map(|seen| seen.1)
    }

    /// The number of a term, a new one where it is not known.
    #[inline]
    pub fn add(&mut self, wanted: &str) -> u32 {
        let key = Key::new(wanted);
        let Self { letters, ends, numbers } = self;
        let same =
            |seen: &(Key, u32)| seen.0 == key && (key.is_whole() || term(letters, ends, seen.1) == wanted);
        match numbers.entry(key.hash(), same, |seen| seen.0.hash()) {
            Entry::Occupied(seen) => seen.get().1,
            Entry::Vacant(room) => {
                let number = ends.len() as u32;
                room.insert((key, number));
                letters.push_str(wanted);
                ends.push(letters.len());
                number
            }
        }
    }
}

#[inline]
fn term<'v>(letters: &'v str, ends: &[usize], number: u32) -> &'v str {
    let number = number as usize;
    let start = if number == 0 { 0 } else { ends[number - 1] };
    &letters[start..ends[number]]
}

impl<'t> FromIterator<&'t str> for Vocabulary {
    fn from_iter<I: IntoIterator<Item = &'t str>>(terms: I) -> Self {
        let mut vocabulary = Self::default();
        for term in terms {
            vocabulary.add(term);
        }
        vocabulary
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use proptest::prelude::*;

    use super::Vocabulary;

    proptest! {
        #[test]
        fn numbers_are_those_of_a_map(
            terms in prop::collection::vec(prop_oneof!["[ab]{0,20}", "\0{0,18}", any::<String>()], 0..200),
            other in "[ab]{0,20}",
        ) {
            let (mut known, mut vocabulary) = (HashMap::new(), Vocabulary::default());
            for term in &terms {
                let next = known.len() as u32;
                prop_assert_eq!(*known.entry(term.as_str()).or_insert(next), vocabulary.add(term));
            }
            prop_assert_eq!(vocabulary.len(), known.len());
            for (term, number) in &known {
                prop_assert_eq!(vocabulary.number(term), Some(*number));
                prop_assert_eq!(vocabulary.term(*number), *term);
            }
            prop_assert_eq!(vocabulary.number(&other), known.get(other.as_str()).copied());
        }
    }
}
