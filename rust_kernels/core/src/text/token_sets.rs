//! How much the sets of the terms of two texts have in common.
use std::collections::HashSet;

use serde::Deserialize;

use super::terms::{Analysis, Room};

/// What the common terms are measured by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SetMeasure {
    /// All terms.
    Jaccard,
    /// The mean size of the sets.
    Dice,
    /// The smaller set.
    Overlap,
    /// The root of the product of the sizes.
    Cosine,
}

/// From 0 to 1; two texts without terms are alike, one without and one with terms are not.
#[must_use]
pub fn set_similarity(one: &str, other: &str, analysis: &Analysis, measure: SetMeasure) -> f64 {
    let (mut room, mut first, mut second) = (Room::default(), HashSet::new(), HashSet::new());
    analysis.each_term(one, &mut room, |term| {
        first.insert(term.to_owned());
    });
    analysis.each_term(other, &mut room, |term| {
        second.insert(term.to_owned());
    });
    let common = first.intersection(&second).count() as f64;
    let (a, b) = (first.len() as f64, second.len() as f64);
    let whole = match measure {
        SetMeasure::Jaccard => a + b - common,
        SetMeasure::Dice => f64::midpoint(a, b),
        SetMeasure::Overlap => a.min(b),
        SetMeasure::Cosine => (a * b).sqrt(),
    };
    if a == 0.0 && b == 0.0 {
        1.0
    } else if common == 0.0 {
        0.0
    } else {
        common / whole
    }
}
