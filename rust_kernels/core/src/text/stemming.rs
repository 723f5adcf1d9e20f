//! Words become their stems, by the Snowball stemmers (Porter 2001).
use std::borrow::Cow;
use std::fmt;

use rust_stemmers::{Algorithm, Stemmer};
use serde::Deserialize;

use super::characters::is_word;
use super::normalise::lowercase;

/// More bytes are no word: some stemmers take the square of its length, so it only becomes lower case.
const LONGEST: usize = 256;

/// The languages whose stemmers answer as Snowball 2.2 does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "the names of languages")]
pub enum Language {
    Danish,
    English,
    Finnish,
    French,
    German,
    Hungarian,
    Italian,
    Norwegian,
    Portuguese,
    Romanian,
    Russian,
    Spanish,
    Swedish,
    Turkish,
}

impl Language {
    fn algorithm(self) -> Algorithm {
        match self {
            Self::Danish => Algorithm::Danish,
            Self::English => Algorithm::English,
            Self::Finnish => Algorithm::Finnish,
            Self::French => Algorithm::French,
            Self::German => Algorithm::German,
            Self::Hungarian => Algorithm::Hungarian,
            Self::Italian => Algorithm::Italian,
            Self::Norwegian => Algorithm::Norwegian,
            Self::Portuguese => Algorithm::Portuguese,
            Self::Romanian => Algorithm::Romanian,
            Self::Russian => Algorithm::Russian,
            Self::Spanish => Algorithm::Spanish,
            Self::Swedish => Algorithm::Swedish,
            Self::Turkish => Algorithm::Turkish,
        }
    }
}

/// Makes stems of words.
pub struct Stemming {
    language: Language,
    stemmer: Stemmer,
}

impl fmt::Debug for Stemming {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Stemming").field("language", &self.language).finish_non_exhaustive()
    }
}

impl Stemming {
    /// The stemmer of a language.
    #[must_use]
    pub fn new(language: Language) -> Self {
        Self { language, stemmer: Stemmer::create(language.algorithm()) }
    }

    /// A text with the stem of the lower case of each word in its place; in English, an apostrophe within a word is
    /// part of it.
    #[must_use]
    pub fn stem<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let mut made = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(start) = rest.find(is_word) {
            made.push_str(&rest[..start]);
            let from = &rest[start..];
            let end = from.find(|seen| !self.is_within(seen)).unwrap_or(from.len());
            let word = from[..end].trim_end_matches(is_apostrophe);
            let lower = lowercase(word);
            if lower.len() > LONGEST {
                made.push_str(&lower);
            } else {
                made.push_str(&self.stemmer.stem(&self.spelt(&lower)));
            }
            rest = &from[word.len()..];
        }
        made.push_str(rest);
        if made == text { Cow::Borrowed(text) } else { Cow::Owned(made) }
    }

    fn is_within(&self, seen: char) -> bool {
        is_word(seen) || self.language == Language::English && is_apostrophe(seen)
    }

    /// A word with the letters that Snowball's own stemmers make one of.
    fn spelt<'w>(&self, word: &'w str) -> Cow<'w, str> {
        match self.language {
            Language::English if word.contains('’') => Cow::Owned(word.replace('’', "'")),
            Language::Russian if word.contains('ё') => Cow::Owned(word.replace('ё', "е")),
            _ => Cow::Borrowed(word),
        }
    }
}

fn is_apostrophe(seen: char) -> bool {
    matches!(seen, '\'' | '’')
}

#[cfg(test)]
mod tests {
    use super::{Language, Stemming};

    #[test]
    fn words_become_stems_and_all_else_stays() {
        let english = Stemming::new(Language::English);
        let text = "The Planes' delays: 'Knightly' plane’s   skies, dying!\n";
        assert_eq!(english.stem(text), "the plane' delay: 'knight' plane   sky, die!\n");
        let endless = "running".repeat(100);
        assert_eq!(english.stem(&endless), endless);
        assert_eq!(english.stem("'' ’ --"), "'' ’ --");
        assert_eq!(Stemming::new(Language::Russian).stem("Самолёты"), "самолет");
    }
}
