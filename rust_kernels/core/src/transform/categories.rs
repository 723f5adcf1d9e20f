//! An ordered list of categories and the way from a value to its place in it.
use std::collections::HashMap;

use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::Xxh3DefaultBuilder;

use super::short_texts::ShortTexts;

/// One category as it is written down; `null` stands for a missing value.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Category {
    /// A missing value that is a category of its own.
    Missing,
    /// A truth value.
    Bool(bool),
    /// An integer.
    Integer(i64),
    /// A floating-point number.
    Number(f64),
    /// A text.
    Text(String),
}

/// Categories in order, with fast lookup by value. A value that is listed twice keeps its first place.
#[derive(Debug, Clone, Default)]
pub struct Categories {
    short: ShortTexts,
    texts: HashMap<String, u32, Xxh3DefaultBuilder>,
    integers: HashMap<i64, u32, Xxh3DefaultBuilder>,
    numbers: HashMap<u64, u32, Xxh3DefaultBuilder>,
    missing: Option<u32>,
    len: usize,
}

impl Categories {
    /// Index a list of categories.
    #[must_use]
    pub fn new(listed: &[Category]) -> Self {
        let mut all = Self { len: listed.len(), ..Self::default() };
        for (place, category) in listed.iter().enumerate() {
            all.insert(category, place as u32);
        }
        all
    }

    fn insert(&mut self, category: &Category, place: u32) {
        match category {
            Category::Missing => _ = self.missing.get_or_insert(place),
            Category::Bool(value) => self.insert_number(f64::from(u8::from(*value)), place),
            Category::Integer(value) => {
                self.integers.entry(*value).or_insert(place);
                self.insert_number(*value as f64, place);
            }
            Category::Number(value) => self.insert_number(*value, place),
            Category::Text(value) if ShortTexts::takes(value) => self.short.insert(value, place),
            Category::Text(value) => _ = self.texts.entry(value.clone()).or_insert(place),
        }
    }

    fn insert_number(&mut self, value: f64, place: u32) {
        self.numbers.entry(bits(value)).or_insert(place);
    }

    /// How many categories there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Place of a text; `None` where it was never seen.
    #[inline]
    #[must_use]
    pub fn text(&self, value: Option<&str>) -> Option<u32> {
        value.map_or(self.missing, |text| {
            if ShortTexts::takes(text) { self.short.get(text) } else { self.texts.get(text).copied() }
        })
    }

    /// Place of an integer.
    #[inline]
    #[must_use]
    pub fn integer(&self, value: Option<i64>) -> Option<u32> {
        value.map_or(self.missing, |value| self.integers.get(&value).copied())
    }

    /// Place of a number, NaN being the missing one. Booleans are 0 and 1.
    #[inline]
    #[must_use]
    pub fn number(&self, value: f64) -> Option<u32> {
        if value.is_nan() { self.missing } else { self.numbers.get(&bits(value)).copied() }
    }
}

/// Bits that are equal where numbers are: −0.0 counts as 0.0.
fn bits(value: f64) -> u64 {
    (value + 0.0).to_bits()
}
