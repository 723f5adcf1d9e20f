//! A number of two texts, as it is stored and as it is calculated.
use serde::Deserialize;

use super::edit_distance::edit_distance;
use super::jaro_winkler::jaro_winkler;
use super::terms::{Analysis, AnalysisSpec};
use super::token_sets::{SetMeasure, set_similarity};

/// A comparison, as it is stored.
#[derive(Debug, Clone, Deserialize)]
#[serde(tag = "name", rename_all = "snake_case", deny_unknown_fields)]
#[expect(missing_docs, reason = "the fields are the contract's own words")]
pub enum ComparisonSpec {
    /// Levenshtein's distance; as a similarity, 1 less its share of the longer text's characters.
    EditDistance { similarity: bool },
    /// Jaro's and Winkler's similarity.
    JaroWinkler { prefix_weight: f64, boost_from: f64 },
    /// What sets of terms have in common.
    TokenSets { analysis: AnalysisSpec, measure: SetMeasure },
}

/// A comparison that is ready.
#[derive(Debug)]
#[expect(missing_docs, reason = "as in `ComparisonSpec`")]
pub enum Comparison {
    EditDistance { similarity: bool },
    JaroWinkler { prefix_weight: f64, boost_from: f64 },
    TokenSets { analysis: Box<Analysis>, measure: SetMeasure },
}

impl Comparison {
    /// Read it from its stored JSON; the message says what cannot be.
    pub fn from_json(text: &str) -> Result<Self, String> {
        let spec = serde_json::from_str(text).map_err(|error| error.to_string())?;
        Self::new(spec)
    }

    /// Build it; the message says what cannot be.
    pub fn new(spec: ComparisonSpec) -> Result<Self, String> {
        use ComparisonSpec as S;
        Ok(match spec {
            S::EditDistance { similarity } => Self::EditDistance { similarity },
            S::JaroWinkler { prefix_weight, boost_from } => Self::JaroWinkler { prefix_weight, boost_from },
            S::TokenSets { analysis, measure } => {
                Self::TokenSets { analysis: Box::new(Analysis::new(analysis)?), measure }
            }
        })
    }

    /// Compare two texts.
    #[must_use]
    pub fn compare(&self, one: &str, other: &str) -> f64 {
        match self {
            Self::EditDistance { similarity: false } => edit_distance(one, other) as f64,
            Self::EditDistance { similarity: true } => {
                let longer = one.chars().count().max(other.chars().count());
                if longer == 0 { 1.0 } else { 1.0 - edit_distance(one, other) as f64 / longer as f64 }
            }
            Self::JaroWinkler { prefix_weight, boost_from } => {
                jaro_winkler(one, other, *prefix_weight, *boost_from)
            }
            Self::TokenSets { analysis, measure } => set_similarity(one, other, analysis, *measure),
        }
    }
}
