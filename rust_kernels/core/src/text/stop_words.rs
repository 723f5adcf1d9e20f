//! Leaves words out of a text.
use std::borrow::Cow;
use std::collections::HashSet;

use super::characters::is_punctuation;
use super::normalise::{case_fold, joined, pieces};

/// Words that are left out.
#[derive(Debug)]
pub struct StopWords(HashSet<String>);

impl StopWords {
    /// Words in any case.
    #[must_use]
    pub fn new(words: &[String]) -> Self {
        Self(words.iter().map(|word| key(word)).collect())
    }

    /// The pieces between white space, with one space between them, without those that are one of the words; case and
    /// punctuation around a piece do not count.
    #[must_use]
    pub fn leave_out<'t>(&self, text: &'t str) -> Cow<'t, str> {
        joined(text, pieces(text).filter(|piece| !self.0.contains(&key(piece))))
    }
}

fn key(piece: &str) -> String {
    case_fold(&piece.trim_matches(is_punctuation).replace('’', "'")).into_owned()
}

#[cfg(test)]
mod tests {
    use super::StopWords;

    #[test]
    fn words_go_in_any_case_with_their_punctuation() {
        let words = StopWords::new(&["the".to_owned(), "don't".to_owned()]);
        assert_eq!(
            words.leave_out("The plane\n(don’t) leave THE, gate -- theft"),
            "plane leave gate -- theft"
        );
        assert_eq!(words.leave_out(""), "");
    }
}
