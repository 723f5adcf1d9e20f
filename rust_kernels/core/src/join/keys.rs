//! A column's values as integers in the order of the values, whatever their type.

use crate::aggregate::{Answer, number_of, order_of};
use crate::sketch::{bucket_of, hash_bits, hash_bytes};

/// The values of sorted events.
pub enum Keys<'a> {
    /// Integers are their own keys.
    Integers(&'a [i64]),
    /// Floats; those that are missing are NaN.
    Floats(&'a [f64]),
}

impl Keys<'_> {
    /// The key of the event at a place.
    #[must_use]
    #[inline]
    pub fn of(&self, place: usize) -> i64 {
        match self {
            Self::Integers(values) => values[place],
            Self::Floats(values) => order_of(values[place]),
        }
    }

    /// The value of a key as an answer.
    #[must_use]
    pub fn answer(&self, key: i64) -> Answer {
        match self {
            Self::Integers(_) => Answer::Integer(key),
            Self::Floats(_) => Answer::Float(number_of(key)),
        }
    }

    /// The value of a key as a word of a list.
    #[must_use]
    pub fn word(&self, key: i64) -> u64 {
        match self {
            Self::Integers(_) => key as u64,
            Self::Floats(_) => number_of(key).to_bits(),
        }
    }

    /// The value of a key as a number.
    #[must_use]
    pub fn number(&self, key: i64) -> f64 {
        match self {
            Self::Integers(_) => key as f64,
            Self::Floats(_) => number_of(key),
        }
    }

    /// The bucket of the event at a place.
    #[must_use]
    pub fn bucket(&self, place: usize) -> i64 {
        bucket_of(self.number(self.of(place)))
    }

    /// The hash of the value at a place: of text and bytes, whose keys are ranks among `texts`, of these themselves.
    #[must_use]
    pub fn hash(&self, place: usize, texts: Option<&[&[u8]]>) -> u64 {
        let key = self.of(place);
        texts
            .and_then(|texts| texts.get(key as usize))
            .map_or_else(|| hash_bits(self.word(key)), |text| hash_bytes(text))
    }
}
