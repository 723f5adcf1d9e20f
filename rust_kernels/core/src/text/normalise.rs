//! Text to text: case, Unicode forms, accents and spaces. What is as it should be is not copied.
use std::borrow::Cow;

use serde::Deserialize;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::canonical_combining_class;

use super::characters::is_space;

/// Unicode's normalization forms (UAX #15).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[expect(missing_docs, reason = "the names are the standard's own")]
pub enum Form {
    #[serde(rename = "NFC")]
    Nfc,
    #[serde(rename = "NFD")]
    Nfd,
    #[serde(rename = "NFKC")]
    Nfkc,
    #[serde(rename = "NFKD")]
    Nfkd,
}

/// How accents go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Accents {
    /// Decompose by compatibility (NFKD) and drop what combines.
    Unicode,
    /// Decompose by compatibility and drop what is not ASCII.
    Ascii,
}

/// Lower case, by Unicode's full mapping: `İ` becomes two characters, `Σ` at the end of a word `ς`.
#[must_use]
pub fn lowercase(text: &str) -> Cow<'_, str> {
    if !text.is_ascii() {
        Cow::Owned(text.to_lowercase())
    } else if text.bytes().any(|seen| seen.is_ascii_uppercase()) {
        Cow::Owned(text.to_ascii_lowercase())
    } else {
        Cow::Borrowed(text)
    }
}

/// Case folding, Unicode's full one: `ß` becomes `ss`, so that texts that differ in case only become equal.
#[must_use]
pub fn case_fold(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        return lowercase(text);
    }
    let mut folded = String::with_capacity(text.len());
    for seen in text.chars() {
        match seen {
            'ı' | '\u{13a0}'..='\u{13f5}' => folded.push(seen),
            'ẞ' => folded.push_str("ss"),
            // Cherokee folds to its capitals, which are the older ones.
            '\u{13f8}'..='\u{13fd}' => folded.extend(char::from_u32(seen as u32 - 8)),
            '\u{ab70}'..='\u{abbf}' => folded.extend(char::from_u32(seen as u32 - 0xab70 + 0x13a0)),
            // All else folds to the small letters of its capitals.
            _ => folded.extend(seen.to_uppercase().flat_map(char::to_lowercase)),
        }
    }
    Cow::Owned(folded)
}

/// One of Unicode's normalization forms.
#[must_use]
pub fn normalise(text: &str, form: Form) -> Cow<'_, str> {
    if text.is_ascii() {
        return Cow::Borrowed(text);
    }
    Cow::Owned(match form {
        Form::Nfc => text.nfc().collect(),
        Form::Nfd => text.nfd().collect(),
        Form::Nfkc => text.nfkc().collect(),
        Form::Nfkd => text.nfkd().collect(),
    })
}

/// A text without accents.
#[must_use]
pub fn strip_accents(text: &str, accents: Accents) -> Cow<'_, str> {
    if text.is_ascii() {
        return Cow::Borrowed(text);
    }
    let decomposed = text.nfkd();
    Cow::Owned(match accents {
        Accents::Unicode => decomposed.filter(|seen| canonical_combining_class(*seen) == 0).collect(),
        Accents::Ascii => decomposed.filter(char::is_ascii).collect(),
    })
}

/// A text without white space at its ends.
#[must_use]
pub fn trim(text: &str) -> &str {
    text.trim_matches(is_space)
}

/// The pieces between white space.
pub fn pieces(text: &str) -> impl Iterator<Item = &str> {
    text.split(is_space).filter(|piece| !piece.is_empty())
}

/// Every run of white space as one space, none at the ends.
#[must_use]
pub fn collapse_spaces(text: &str) -> Cow<'_, str> {
    joined(text, pieces(text))
}

/// Pieces of a text with one space between them; the text itself where that is what they make.
pub(super) fn joined<'t>(text: &'t str, pieces: impl Iterator<Item = &'t str>) -> Cow<'t, str> {
    let mut made = String::with_capacity(text.len());
    for piece in pieces {
        if !made.is_empty() {
            made.push(' ');
        }
        made.push_str(piece);
    }
    if made == text { Cow::Borrowed(text) } else { Cow::Owned(made) }
}

/// The first `length` characters.
#[must_use]
pub fn truncate(text: &str, length: usize) -> &str {
    if text.len() <= length {
        return text;
    }
    text.char_indices().nth(length).map_or(text, |(end, _)| &text[..end])
}
