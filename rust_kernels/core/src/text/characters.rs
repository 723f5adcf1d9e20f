//! What a character is, as Python's `str` and `re` take it: part of a word, a digit, a mark of punctuation, a space.
use std::collections::HashMap;
use std::sync::LazyLock;

use regex_syntax::hir::{Class, HirKind};

const WORD: u8 = 1;
const DIGIT: u8 = 2;
const PUNCTUATION: u8 = 4;
const ALL: usize = char::MAX as usize + 1;
const BLOCK: usize = 256;

/// The kinds of all characters: blocks that are alike are kept once.
struct Kinds {
    places: Vec<u16>,
    cells: Vec<[u8; BLOCK]>,
}

static KINDS: LazyLock<Kinds> = LazyLock::new(|| {
    let mut all = vec![0_u8; ALL];
    for (kind, class) in [(WORD, r"[\p{L}\p{N}_]"), (DIGIT, r"\p{Nd}"), (PUNCTUATION, r"\p{P}")] {
        for (first, last) in ranges(class) {
            for seen in &mut all[first as usize..=last as usize] {
                *seen |= kind;
            }
        }
    }
    let (mut places, mut cells, mut known) = (Vec::new(), Vec::new(), HashMap::new());
    for block in all.as_chunks::<BLOCK>().0 {
        places.push(*known.entry(*block).or_insert_with(|| {
            cells.push(*block);
            (cells.len() - 1) as u16
        }));
    }
    Kinds { places, cells }
});

/// The characters of a class; a test sees to it that these are known.
fn ranges(class: &str) -> Vec<(char, char)> {
    let Ok(parsed) = regex_syntax::parse(class) else { return Vec::new() };
    match parsed.kind() {
        HirKind::Class(Class::Unicode(class)) => {
            class.ranges().iter().map(|range| (range.start(), range.end())).collect()
        }
        _ => Vec::new(),
    }
}

fn kind(seen: char) -> u8 {
    let (code, kinds) = (seen as usize, &*KINDS);
    kinds.cells[usize::from(kinds.places[code / BLOCK])][code % BLOCK]
}

const ASCII_WORD: [bool; 256] = {
    let mut word = [false; 256];
    let mut code = 0;
    while code < 128_u8 {
        word[code as usize] = code.is_ascii_alphanumeric() || code == b'_';
        code += 1;
    }
    word
};

/// Whether an ASCII character is part of a word.
#[inline]
#[must_use]
pub fn is_ascii_word(seen: u8) -> bool {
    ASCII_WORD[usize::from(seen)]
}

/// Whether a character is part of a word, Python's `\w`: a letter, a number or `_`; a combining mark is not.
#[inline]
#[must_use]
pub fn is_word(seen: char) -> bool {
    if seen.is_ascii() { is_ascii_word(seen as u8) } else { kind(seen) & WORD != 0 }
}

/// Whether a character is a decimal digit of any script, Python's `str.isdecimal`.
#[must_use]
pub fn is_digit(seen: char) -> bool {
    if seen.is_ascii() { seen.is_ascii_digit() } else { kind(seen) & DIGIT != 0 }
}

/// Whether a character is of Unicode's categories of punctuation (P).
#[must_use]
pub fn is_punctuation(seen: char) -> bool {
    kind(seen) & PUNCTUATION != 0
}

/// Whether a character is white space, Python's `str.isspace`: that of Unicode and four ASCII separators.
#[inline]
#[must_use]
pub fn is_space(seen: char) -> bool {
    seen.is_whitespace() || ('\u{1c}'..='\u{1f}').contains(&seen)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_those_of_unicode() {
        for seen in "aZ_0é漢ß٣½Ⅷªςי".chars() {
            assert!(is_word(seen), "{seen:?}");
        }
        for seen in " -'\u{301}\u{93e}😀\u{200d}‿€".chars() {
            assert!(!is_word(seen), "{seen:?}");
        }
        assert!(is_digit('٣') && is_digit('7') && !is_digit('½') && !is_digit('²'));
        assert!(is_punctuation('¿') && is_punctuation('_') && !is_punctuation('$') && !is_punctuation('a'));
        assert!(is_space('\u{1c}') && is_space('\u{3000}') && is_space('\u{85}') && !is_space('\u{200b}'));
    }
}
