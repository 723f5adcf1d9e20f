//! The words of a text: runs of letters, numbers and `_`, which is what Python's `\w` matches.
use super::characters::{is_ascii_word, is_word};

/// Calls `visit` with each word of a text, in order.
#[inline]
pub fn each_word<'t>(text: &'t str, mut visit: impl FnMut(&'t str)) {
    if text.is_ascii() { ascii_words(text, visit) } else { other_words(text, &mut visit) }
}

#[inline]
fn ascii_words<'t>(text: &'t str, mut visit: impl FnMut(&'t str)) {
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        while at < bytes.len() && !is_ascii_word(bytes[at]) {
            at += 1;
        }
        let start = at;
        while at < bytes.len() && is_ascii_word(bytes[at]) {
            at += 1;
        }
        if start < at {
            visit(&text[start..at]);
        }
    }
}

fn other_words<'t>(text: &'t str, visit: &mut impl FnMut(&'t str)) {
    let mut start = None;
    for (at, seen) in text.char_indices() {
        match (start, is_word(seen)) {
            (None, true) => start = Some(at),
            (Some(first), false) => {
                visit(&text[first..at]);
                start = None;
            }
            _ => {}
        }
    }
    if let Some(first) = start {
        visit(&text[first..]);
    }
}

/// Whether a word has at least two characters: scikit-learn's `\b\w\w+\b` takes only those.
#[inline]
#[must_use]
pub fn is_long(word: &str) -> bool {
    // One character has at most four bytes.
    word.len() > 4 || word.chars().nth(1).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<&str> {
        let mut found = Vec::new();
        each_word(text, |word| found.push(word));
        found
    }

    #[test]
    fn words_end_where_letters_do() {
        assert_eq!(words("  Don't_x -- 3.14\n"), ["Don", "t_x", "3", "14"]);
        assert_eq!(words("漢字、e\u{301}té😀"), ["漢字", "e", "té"]);
        assert_eq!(words("é"), ["é"]);
        assert!(words("").is_empty() && words("!").is_empty() && words("¿").is_empty());
    }

    #[test]
    fn a_long_word_has_two_characters_of_any_width() {
        assert!(is_long("ab") && is_long("漢a") && is_long("𝒳𝒳"));
        assert!(!is_long("a") && !is_long("𝒳") && !is_long("é") && !is_long(""));
    }
}
