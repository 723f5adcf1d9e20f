//! A function of a text that answers a text, as it is stored and as it is applied.
use std::borrow::Cow;

use regex::Regex;
use serde::Deserialize;

use super::html::strip_html;
use super::normalise::{
    Accents, Form, case_fold, collapse_spaces, lowercase, normalise, strip_accents, trim, truncate,
};
use super::stemming::{Language, Stemming};
use super::stop_words::StopWords;

/// A function, as it is stored.
#[derive(Debug, Clone, Deserialize)]
#[serde(tag = "name", rename_all = "snake_case", deny_unknown_fields)]
#[expect(missing_docs, reason = "the fields are the contract's own words")]
pub enum FunctionSpec {
    /// Lower case.
    Lowercase,
    /// Case folding.
    CaseFold,
    /// A normalization form of Unicode.
    Normalise { form: Form },
    /// Without accents.
    StripAccents { accents: Accents },
    /// What a pattern matches is replaced; `$1` is its first group.
    RegexReplace { pattern: String, replacement: String },
    /// The text of HTML.
    StripHtml,
    /// Without white space at the ends.
    Trim,
    /// With one space for every run of white space.
    CollapseSpaces,
    /// The first characters.
    Truncate { length: usize },
    /// Without some words.
    LeaveOut { words: Vec<String> },
    /// With stems for words.
    Stem { language: Language },
}

/// A function that is ready to be applied.
#[derive(Debug)]
pub enum TextFunction {
    /// It needs nothing.
    Plain(fn(&str) -> Cow<'_, str>),
    /// A normalization form.
    Normalise(Form),
    /// Without accents.
    StripAccents(Accents),
    /// Replaces what a pattern matches.
    RegexReplace(Box<Regex>, String),
    /// The first characters.
    Truncate(usize),
    /// Without some words.
    LeaveOut(StopWords),
    /// With stems for words.
    Stem(Stemming),
}

impl TextFunction {
    /// Read it from its stored JSON; the message says what cannot be.
    pub fn from_json(text: &str) -> Result<Self, String> {
        let spec: FunctionSpec = serde_json::from_str(text).map_err(|error| error.to_string())?;
        Self::new(spec)
    }

    /// Build it; the message says what cannot be.
    pub fn new(spec: FunctionSpec) -> Result<Self, String> {
        use FunctionSpec as S;
        Ok(match spec {
            S::Lowercase => Self::Plain(lowercase),
            S::CaseFold => Self::Plain(case_fold),
            S::StripHtml => Self::Plain(strip_html),
            S::Trim => Self::Plain(|text| Cow::Borrowed(trim(text))),
            S::CollapseSpaces => Self::Plain(collapse_spaces),
            S::Normalise { form } => Self::Normalise(form),
            S::StripAccents { accents } => Self::StripAccents(accents),
            S::RegexReplace { pattern, replacement } => {
                let pattern = Regex::new(&pattern).map_err(|error| error.to_string())?;
                Self::RegexReplace(Box::new(pattern), replacement)
            }
            S::Truncate { length } => Self::Truncate(length),
            S::Stem { language } => Self::Stem(Stemming::new(language)),
            S::LeaveOut { words } => Self::LeaveOut(StopWords::new(&words)),
        })
    }

    /// Apply it.
    #[must_use]
    pub fn apply<'t>(&self, text: &'t str) -> Cow<'t, str> {
        match self {
            Self::Plain(function) => function(text),
            Self::Normalise(form) => normalise(text, *form),
            Self::StripAccents(accents) => strip_accents(text, *accents),
            Self::RegexReplace(pattern, replacement) => pattern.replace_all(text, replacement),
            Self::Truncate(length) => Cow::Borrowed(truncate(text, *length)),
            Self::Stem(stemming) => stemming.stem(text),
            Self::LeaveOut(words) => words.leave_out(text),
        }
    }
}
