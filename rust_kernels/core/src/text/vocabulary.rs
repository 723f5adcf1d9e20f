//! A vocabulary: terms in one run of bytes, and a table that finds the number of each.
use hashbrown::HashTable;
use hashbrown::hash_table::Entry;
use xxhash_rust::xxh3::xxh3_64;

/// Terms, numbered in the order in which they came.
#[derive(Debug, Default)]
pub struct Vocabulary {
    letters: String,
    ends: Vec<usize>,
    numbers: HashTable<(u64, u32)>,
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
        let hash = xxh3_64(wanted.as_bytes());
        let same = |seen: &(u64, u32)| seen.0 == hash && self.term(seen.1) == wanted;
        self.numbers.find(hash, same).map(|seen| seen.1)
    }

    /// The number of a term, a new one where it is not known.
    #[inline]
    pub fn add(&mut self, wanted: &str) -> u32 {
        let hash = xxh3_64(wanted.as_bytes());
        let Self { letters, ends, numbers } = self;
        let same = |seen: &(u64, u32)| seen.0 == hash && term(letters, ends, seen.1) == wanted;
        match numbers.entry(hash, same, |seen| seen.0) {
            Entry::Occupied(seen) => seen.get().1,
            Entry::Vacant(room) => {
                let number = ends.len() as u32;
                room.insert((hash, number));
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
