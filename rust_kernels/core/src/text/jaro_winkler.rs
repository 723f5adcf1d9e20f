//! Jaro's similarity of texts, and Winkler's bonus for those that start alike (Winkler 1990).
use std::collections::{HashMap, VecDeque};

/// At most so many characters at the start bring a bonus.
const PREFIX: usize = 4;

/// From 0 to 1, where nothing differs. Above `boost_from`, each of up to four characters that both start with brings
/// `prefix_weight` of what lacks to 1.
#[must_use]
pub fn jaro_winkler(one: &str, other: &str, prefix_weight: f64, boost_from: f64) -> f64 {
    let (one, other): (Vec<char>, Vec<char>) = (one.chars().collect(), other.chars().collect());
    let similarity = jaro(&one, &other);
    if similarity <= boost_from {
        return similarity;
    }
    let alike = one.iter().zip(&other).take(PREFIX).take_while(|(a, b)| a == b).count();
    similarity + alike as f64 * prefix_weight * (1.0 - similarity)
}

fn jaro(one: &[char], other: &[char]) -> f64 {
    if one.is_empty() || other.is_empty() {
        return if one.len() == other.len() { 1.0 } else { 0.0 };
    }
    let (matched_one, matched_other) = matches(one, other);
    if matched_one.is_empty() {
        return 0.0;
    }
    let moved = matched_one.iter().zip(&matched_other).filter(|(a, b)| a != b).count() / 2;
    let (found, moved) = (matched_one.len() as f64, moved as f64);
    (found / one.len() as f64 + found / other.len() as f64 + (found - moved) / found) / 3.0
}

/// The characters that match, in the order of each text: each takes the first of its kind that is left and not farther
/// away than half of the longer text.
fn matches(one: &[char], other: &[char]) -> (Vec<char>, Vec<char>) {
    let reach = (one.len().max(other.len()) / 2).max(1) - 1;
    let mut left: HashMap<char, VecDeque<usize>> = HashMap::new();
    for (at, seen) in other.iter().enumerate() {
        left.entry(*seen).or_default().push_back(at);
    }
    let (mut matched, mut places) = (Vec::new(), Vec::new());
    for (at, seen) in one.iter().enumerate() {
        let Some(left) = left.get_mut(seen) else { continue };
        // What is too far behind now is too far behind for all that follow.
        while left.front().is_some_and(|place| place + reach < at) {
            left.pop_front();
        }
        if let Some(place) = left.front().copied().filter(|place| *place <= at + reach) {
            left.pop_front();
            matched.push(*seen);
            places.push(place);
        }
    }
    places.sort_unstable();
    (matched, places.into_iter().map(|place| other[place]).collect())
}

#[cfg(test)]
mod tests {
    use super::jaro_winkler;

    #[test]
    fn it_is_the_published_one() {
        let cases = [
            ("MARTHA", "MARHTA", 0.961_111),
            ("DWAYNE", "DUANE", 0.84),
            ("DIXON", "DICKSONX", 0.813_333),
            ("", "", 1.0),
            ("", "a", 0.0),
            ("é", "é", 1.0),
            ("ab", "cd", 0.0),
        ];
        for (one, other, expected) in cases {
            assert!((jaro_winkler(one, other, 0.1, 0.7) - expected).abs() < 1e-6, "{one} {other}");
        }
    }
}
