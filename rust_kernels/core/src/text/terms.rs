//! The terms of a text, as scikit-learn's vectorizers take them: n-grams of words or of characters.
use std::borrow::Cow;
use std::collections::HashSet;

use serde::Deserialize;

use super::characters::is_space;
use super::normalise::{Accents, lowercase, pieces, strip_accents};
use super::tokens::{each_word, is_long};

/// What terms are made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Analyzer {
    /// Words of two characters and more.
    Word,
    /// Characters; two spaces and more count as one.
    Char,
    /// Characters of one word each, with a space before and after it.
    CharWb,
}

/// How terms are made of a text, as it is stored.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AnalysisSpec {
    /// What terms are made of.
    pub analyzer: Analyzer,
    /// Whether texts become lower case before all else.
    pub lowercase: bool,
    /// How accents go, if they do.
    pub strip_accents: Option<Accents>,
    /// Words that are left out before n-grams are made of the others.
    #[serde(default)]
    pub stop_words: Vec<String>,
    /// The fewest words or characters of a term, at least 1.
    pub ngram_min: usize,
    /// The most.
    pub ngram_max: usize,
}

/// How terms are made of a text.
#[derive(Debug)]
pub struct Analysis {
    spec: AnalysisSpec,
    stop_words: HashSet<String>,
}

/// Room that is used again from one text to the next.
#[derive(Debug, Default)]
pub struct Room {
    prepared: String,
    joined: String,
    bounds: Vec<usize>,
}

impl Analysis {
    /// Build it; the message says what cannot be.
    pub fn new(mut spec: AnalysisSpec) -> Result<Self, String> {
        if spec.ngram_min == 0 || spec.ngram_min > spec.ngram_max {
            let (fewest, most) = (spec.ngram_min, spec.ngram_max);
            return Err(format!(
                "n-grams of {fewest} to {most}, expected 1 or more, and no fewer at the end"
            ));
        }
        let stop_words = std::mem::take(&mut spec.stop_words).into_iter().collect();
        Ok(Self { spec, stop_words })
    }

    /// Calls `visit` with each term of a text.
    #[inline]
    pub fn each_term(&self, text: &str, room: &mut Room, mut visit: impl FnMut(&str)) {
        let Room { prepared, joined, bounds } = room;
        let text = self.prepare(text, prepared);
        match self.spec.analyzer {
            Analyzer::Word if self.spec.ngram_max == 1 => self.each_token(text, visit),
            Analyzer::Word => self.word_ngrams(text, joined, bounds, &mut visit),
            Analyzer::Char => self.char_ngrams(text, joined, bounds, &mut visit),
            Analyzer::CharWb => {
                for piece in pieces(text) {
                    self.ngrams_within(piece, joined, bounds, &mut visit);
                }
            }
        }
    }

    /// Lower case and accents.
    fn prepare<'t>(&self, text: &'t str, room: &'t mut String) -> &'t str {
        room.clear();
        if text.is_ascii() {
            if !self.spec.lowercase {
                return text;
            }
            room.push_str(text);
            room.make_ascii_lowercase();
            return room;
        }
        let lower = if self.spec.lowercase { lowercase(text) } else { Cow::Borrowed(text) };
        let Some(accents) = self.spec.strip_accents else {
            return kept(lower, room);
        };
        *room = strip_accents(&lower, accents).into_owned();
        room
    }

    #[inline]
    fn each_token<'t>(&self, text: &'t str, mut visit: impl FnMut(&'t str)) {
        each_word(text, |word| {
            if is_long(word) && (self.stop_words.is_empty() || !self.stop_words.contains(word)) {
                visit(word);
            }
        });
    }

    /// Words with one space between them; every n of them that follow each other are a term.
    fn word_ngrams(
        &self,
        text: &str,
        joined: &mut String,
        bounds: &mut Vec<usize>,
        visit: &mut impl FnMut(&str),
    ) {
        joined.clear();
        bounds.clear();
        self.each_token(text, |word| {
            bounds.push(joined.len());
            joined.push_str(word);
            joined.push(' ');
        });
        bounds.push(joined.len());
        let words = bounds.len() - 1;
        for n in self.spec.ngram_min..=self.spec.ngram_max.min(words) {
            for (start, end) in bounds.iter().zip(&bounds[n..]) {
                // The space after the last word is not part of it.
                visit(&joined[*start..end - 1]);
            }
        }
    }

    fn char_ngrams(
        &self,
        text: &str,
        joined: &mut String,
        bounds: &mut Vec<usize>,
        visit: &mut impl FnMut(&str),
    ) {
        merge_spaces(text, joined);
        let length = bound(joined, bounds);
        for n in self.spec.ngram_min..=self.spec.ngram_max.min(length) {
            for (start, end) in bounds.iter().zip(&bounds[n..]) {
                visit(&joined[*start..*end]);
            }
        }
    }

    /// The n-grams of one word between spaces; one that is shorter than n counts once, whole.
    fn ngrams_within(
        &self,
        piece: &str,
        joined: &mut String,
        bounds: &mut Vec<usize>,
        visit: &mut impl FnMut(&str),
    ) {
        joined.clear();
        joined.extend([" ", piece, " "]);
        let length = bound(joined, bounds);
        for n in self.spec.ngram_min..=self.spec.ngram_max {
            if n >= length {
                visit(joined);
                return;
            }
            for (start, end) in bounds.iter().zip(&bounds[n..]) {
                visit(&joined[*start..*end]);
            }
        }
    }
}

fn kept<'t>(text: Cow<'t, str>, room: &'t mut String) -> &'t str {
    match text {
        Cow::Borrowed(text) => text,
        Cow::Owned(text) => {
            *room = text;
            room
        }
    }
}

/// Two white spaces and more become one space; a single one stays what it is.
fn merge_spaces(text: &str, into: &mut String) {
    into.clear();
    let mut rest = text;
    while let Some(start) = rest.find(is_space) {
        let (before, after) = rest.split_at(start);
        let end = after.find(|seen| !is_space(seen)).unwrap_or(after.len());
        into.push_str(before);
        into.push_str(if after[..end].chars().nth(1).is_some() { " " } else { &after[..end] });
        rest = &after[end..];
    }
    into.push_str(rest);
}

/// Where characters start, and the end; returns how many there are.
fn bound(text: &str, bounds: &mut Vec<usize>) -> usize {
    bounds.clear();
    if text.is_ascii() {
        bounds.extend(0..text.len());
    } else {
        bounds.extend(text.char_indices().map(|(at, _)| at));
    }
    bounds.push(text.len());
    bounds.len() - 1
}
