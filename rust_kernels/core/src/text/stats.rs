//! Numbers about a text.
use std::collections::HashSet;

use super::characters::{is_digit, is_punctuation, is_space};
use super::tokens::each_word;

/// What `statistics` answers, in order.
pub const STATISTICS: [&str; 9] = [
    "chars",
    "words",
    "unique_words",
    "mean_word_length",
    "longest_word",
    "digits",
    "upper",
    "punctuation",
    "spaces",
];

/// Characters, words, different words, characters of a word on average and at most; then the shares of characters that
/// are digits, upper case, punctuation and white space. What has nothing to be a share of is 0.
#[must_use]
pub fn statistics(text: &str) -> [f64; STATISTICS.len()] {
    let (mut chars, mut kinds) = (0_usize, [0_usize; 4]);
    for seen in text.chars() {
        chars += 1;
        let found = [is_digit(seen), seen.is_uppercase(), is_punctuation(seen), is_space(seen)];
        for (count, is) in kinds.iter_mut().zip(found) {
            *count += usize::from(is);
        }
    }
    let (mut words, mut letters, mut longest, mut unique) = (0_usize, 0_usize, 0_usize, HashSet::new());
    each_word(text, |word| {
        let length = word.chars().count();
        words += 1;
        letters += length;
        longest = longest.max(length);
        unique.insert(word);
    });
    let [digits, upper, punctuation, spaces] = kinds.map(|count| share(count, chars));
    let counts = [chars, words, unique.len()].map(|count| count as f64);
    let lengths = [share(letters, words), longest as f64];
    let [chars, words, unique] = counts;
    [chars, words, unique, lengths[0], lengths[1], digits, upper, punctuation, spaces]
}

fn share(part: usize, whole: usize) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}
