//! Places of short texts: most categories fit into two words, which are compared at once, without a hash of bytes.

/// Texts of up to this many bytes are short.
const LONGEST: usize = 16;
/// Odd numbers without a pattern: multiplying by them spreads bits over a word.
const SPREAD: [u64; 2] = [0x9E37_79B9_7F4A_7C15, 0xC2B2_AE3D_27D4_EB4F];

/// A short text: words that overlap where it is shorter than both, and its length.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Key {
    words: [u64; 2],
    length: usize,
}

/// Short texts and their places, in a table of which at most half is taken.
#[derive(Debug, Clone, Default)]
pub struct ShortTexts {
    slots: Vec<Option<(Key, u32)>>,
    count: usize,
}

impl Key {
    /// The key of a text; `None` where it is too long. Texts of one length have one key only if all bytes are equal.
    #[inline]
    fn of(text: &str) -> Option<Self> {
        let bytes = text.as_bytes();
        let length = bytes.len();
        let words = match length {
            8..=LONGEST => [word(*bytes.first_chunk()?), word(*bytes.last_chunk()?)],
            4..=7 => [half(*bytes.first_chunk()?), half(*bytes.last_chunk()?)],
            1..=3 => [u64::from(bytes[0]) << 8 | u64::from(bytes[length / 2]), u64::from(bytes[length - 1])],
            0 => [0, 0],
            _ => return None,
        };
        Some(Self { words, length })
    }

    #[inline]
    fn hash(self) -> u64 {
        let [one, other] = self.words;
        let mixed = one.wrapping_mul(SPREAD[0]) ^ other.wrapping_mul(SPREAD[1]).rotate_left(32);
        (mixed ^ self.length as u64).wrapping_mul(SPREAD[0])
    }
}

impl ShortTexts {
    /// Whether a text is short enough to be kept here.
    #[must_use]
    pub fn takes(text: &str) -> bool {
        text.len() <= LONGEST
    }

    /// Keep a text's place, unless it has one; longer texts are not kept.
    pub fn insert(&mut self, text: &str, place: u32) {
        let Some(key) = Key::of(text) else { return };
        if 2 * (self.count + 1) > self.slots.len() {
            self.grow();
        }
        let at = self.find(key);
        if self.slots[at].is_none() {
            self.slots[at] = Some((key, place));
            self.count += 1;
        }
    }

    /// The place of a text.
    #[inline]
    #[must_use]
    pub fn get(&self, text: &str) -> Option<u32> {
        if self.slots.is_empty() {
            return None;
        }
        let at = self.find(Key::of(text)?);
        self.slots[at].map(|(_, place)| place)
    }

    /// The slot that a key has or would get: the first from its hash on that is its own or free.
    #[inline]
    fn find(&self, key: Key) -> usize {
        let mask = self.slots.len() - 1;
        // The highest bits of a product are the best mixed.
        let mut at = (key.hash() >> 32) as usize & mask;
        while self.slots[at].is_some_and(|(kept, _)| kept != key) {
            at = (at + 1) & mask;
        }
        at
    }

    fn grow(&mut self) {
        let slots = vec![None; (2 * self.slots.len()).max(16)];
        for (key, place) in std::mem::replace(&mut self.slots, slots).into_iter().flatten() {
            let at = self.find(key);
            self.slots[at] = Some((key, place));
        }
    }
}

fn word(bytes: [u8; 8]) -> u64 {
    u64::from_le_bytes(bytes)
}

fn half(bytes: [u8; 4]) -> u64 {
    u64::from(u32::from_le_bytes(bytes))
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;
    use proptest::prelude::*;

    #[test]
    fn every_text_of_few_bytes_has_a_place_of_its_own() {
        let letters = ['a', 'b', '\0', 'é'];
        let mut all = vec![String::new()];
        for _ in 0..4 {
            let longer: Vec<String> =
                all.iter().flat_map(|text| letters.map(|letter| format!("{text}{letter}"))).collect();
            all.extend(longer);
        }
        all.sort();
        all.dedup();
        let mut table = ShortTexts::default();
        for (place, text) in all.iter().enumerate() {
            assert_eq!(table.get(text), None);
            table.insert(text, place as u32);
            table.insert(text, 999_999);
        }
        for (place, text) in all.iter().enumerate() {
            assert_eq!(table.get(text), Some(place as u32), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn places_are_those_of_a_hash_map(
            kept in prop::collection::vec("[ab\\x00é]{0,9}", 0..200),
            asked in prop::collection::vec("[ab\\x00é]{0,9}", 0..200),
        ) {
            let (mut table, mut map) = (ShortTexts::default(), HashMap::new());
            for (place, text) in kept.iter().enumerate().filter(|(_, text)| ShortTexts::takes(text)) {
                table.insert(text, place as u32);
                map.entry(text).or_insert(place as u32);
            }
            for text in kept.iter().chain(&asked) {
                prop_assert_eq!(table.get(text), map.get(text).copied());
            }
        }
    }
}
