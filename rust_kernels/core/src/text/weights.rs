//! What a term of a text counts: as often as it occurs, by TF-IDF, or by BM25.
use serde::Deserialize;

use super::sparse::{RowNorm, Rows};

/// How terms count, as it is stored.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
#[expect(missing_docs, reason = "the fields are the literature's and scikit-learn's own words")]
pub enum WeightingSpec {
    /// How often a term occurs, or that it does.
    Counts { binary: bool },
    /// Its frequency times `ln((n + s) / (documents + s)) + 1`; s is 1 where it is smooth.
    Tfidf { binary: bool, norm: Option<RowNorm>, use_idf: bool, smooth_idf: bool, sublinear_tf: bool },
    /// Okapi BM25 (Robertson & Zaragoza 2009), with the positive idf `ln(1 + (n − d + ½) / (d + ½))`.
    Bm25 { k1: f64, b: f64 },
}

/// What was learnt of the whole: how many texts there were, and the mean number of their terms.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Texts {
    /// Texts that were not missing.
    pub count: u64,
    /// The mean number of terms of one.
    pub mean_length: f64,
}

impl WeightingSpec {
    /// Whether a term counts once however often it occurs.
    #[must_use]
    pub fn is_binary(self) -> bool {
        matches!(self, Self::Counts { binary: true } | Self::Tfidf { binary: true, .. })
    }

    /// The weight of a term that occurs in `documents` of all texts.
    #[must_use]
    pub fn weight(self, documents: u64, texts: Texts) -> f64 {
        let (n, d) = (texts.count as f64, documents as f64);
        match self {
            Self::Tfidf { use_idf: true, smooth_idf, .. } => {
                let s = f64::from(u8::from(smooth_idf));
                ((n + s) / (d + s)).ln() + 1.0
            }
            Self::Bm25 { .. } => ((n - d + 0.5) / (d + 0.5)).ln_1p(),
            Self::Counts { .. } | Self::Tfidf { use_idf: false, .. } => 1.0,
        }
    }
}

/// What terms count, learnt.
#[derive(Debug)]
pub struct Weights {
    /// How they count.
    pub spec: WeightingSpec,
    /// The weight of each term.
    pub terms: Vec<f64>,
    /// What was learnt of the whole.
    pub texts: Texts,
}

impl Weights {
    /// Add the row of a text that has the terms `numbers`, in any order, and `length` terms with those unknown.
    pub fn add(&self, numbers: &mut [u32], length: usize, rows: &mut Rows) {
        numbers.sort_unstable();
        for same in numbers.chunk_by(|one, other| one == other) {
            let count = same.len() as f64;
            rows.push(same[0], self.value(count, self.terms[same[0] as usize], length));
        }
        rows.end_row(match self.spec {
            WeightingSpec::Tfidf { norm, .. } => norm,
            _ => None,
        });
    }

    #[inline]
    fn value(&self, count: f64, weight: f64, length: usize) -> f64 {
        match self.spec {
            WeightingSpec::Counts { binary } => {
                if binary {
                    1.0
                } else {
                    count
                }
            }
            WeightingSpec::Tfidf { binary, sublinear_tf, .. } => {
                let count = if binary { 1.0 } else { count };
                weight * if sublinear_tf { count.ln() + 1.0 } else { count }
            }
            WeightingSpec::Bm25 { k1, b } => {
                let share =
                    if self.texts.mean_length > 0.0 { length as f64 / self.texts.mean_length } else { 1.0 };
                weight * count * (k1 + 1.0) / (count + k1 * (1.0 - b + b * share))
            }
        }
    }
}
