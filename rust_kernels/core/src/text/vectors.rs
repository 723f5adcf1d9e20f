//! Vectors by a vocabulary that was learnt.
use serde::Deserialize;

use super::learn::{DROPPED, LearnError, Limits, Piece, learn};
use super::sparse::Rows;
use super::terms::{Analysis, AnalysisSpec, Room};
use super::vocabulary::Vocabulary;
use super::weights::{Texts, WeightingSpec, Weights};
use crate::parallel;

const LEAST_TEXTS: usize = 512;
const PIECES_PER_CORE: usize = 8;

/// Vectors, as they are stored.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VectorsSpec {
    /// How terms are made.
    pub analysis: AnalysisSpec,
    /// How they count.
    pub weighting: WeightingSpec,
    /// Which are kept.
    pub limits: Limits,
}

impl VectorsSpec {
    /// Read it from its stored JSON; the message says what cannot be.
    pub fn from_json(text: &str) -> Result<Self, String> {
        serde_json::from_str(text).map_err(|error| error.to_string())
    }
}

/// Makes vectors by a vocabulary.
#[derive(Debug)]
pub struct Vectors {
    analysis: Analysis,
    vocabulary: Vocabulary,
    documents: Vec<u64>,
    weights: Weights,
}

impl Vectors {
    /// Learn the vocabulary of texts and their weights; the vectors of these texts come with it.
    pub fn learn(spec: VectorsSpec, texts: &[Option<&str>]) -> Result<(Self, Vec<Rows>), VectorsError> {
        let analysis = Analysis::new(spec.analysis).map_err(VectorsError::Spec)?;
        let learnt = learn(texts, &analysis, spec.limits, spec.weighting.is_binary())?;
        let count = learnt.texts();
        let seen = Texts { count, mean_length: learnt.length() as f64 / count as f64 };
        let terms =
            learnt.documents.iter().map(|documents| spec.weighting.weight(*documents, seen)).collect();
        let weights = Weights { spec: spec.weighting, terms, texts: seen };
        let rows = parallel::map(learnt.pieces, |piece| piece.rows(&weights));
        let (vocabulary, documents) = (learnt.vocabulary, learnt.documents);
        Ok((Self { analysis, vocabulary, documents, weights }, rows))
    }

    /// Take up what was learnt: terms in order, in how many texts each was, and its weight.
    pub fn restore<'t>(
        spec: VectorsSpec,
        terms: impl Iterator<Item = &'t str>,
        documents: Vec<u64>,
        weights: Vec<f64>,
        texts: Texts,
    ) -> Result<Self, VectorsError> {
        let vocabulary: Vocabulary = terms.collect();
        let (seen, counts) = (vocabulary.len(), [documents.len(), weights.len()]);
        if counts != [seen; 2] {
            let [documents, weights] = counts;
            let what =
                format!("{seen} different terms, {documents} counts and {weights} weights, expected as many");
            return Err(VectorsError::Spec(what));
        }
        let analysis = Analysis::new(spec.analysis).map_err(VectorsError::Spec)?;
        let weights = Weights { spec: spec.weighting, terms: weights, texts };
        Ok(Self { analysis, vocabulary, documents, weights })
    }

    /// The terms, in order.
    pub fn terms(&self) -> impl Iterator<Item = &str> {
        self.vocabulary.terms()
    }

    /// In how many texts each term was.
    #[must_use]
    pub fn documents(&self) -> &[u64] {
        &self.documents
    }

    /// What each term counts, and what was learnt of the whole.
    #[must_use]
    pub fn weights(&self) -> &Weights {
        &self.weights
    }

    /// The vectors of texts.
    #[must_use]
    pub fn vectors(&self, texts: &[Option<&str>]) -> Vec<Rows> {
        parallel::pieces(texts, LEAST_TEXTS, PIECES_PER_CORE, |texts| self.piece(texts))
    }

    fn piece(&self, texts: &[Option<&str>]) -> Rows {
        let (mut rows, mut room, mut numbers) = (Rows::default(), Room::default(), Vec::new());
        for text in texts {
            let Some(text) = text else {
                rows.push_missing();
                continue;
            };
            let mut length = 0;
            numbers.clear();
            self.analysis.each_term(text, &mut room, |term| {
                length += 1;
                numbers.extend(self.vocabulary.number(term));
            });
            self.weights.add(&mut numbers, length, &mut rows);
        }
        rows
    }
}

impl Piece {
    /// The vectors of the texts that were learnt from.
    fn rows(self, weights: &Weights) -> Rows {
        let mut rows = Rows::with_room(self.lengths.len(), self.numbers.len());
        let (mut start, mut numbers) = (0, Vec::new());
        for length in self.lengths {
            let Some(length) = length else {
                rows.push_missing();
                continue;
            };
            numbers.clear();
            let all = &self.numbers[start..start + length];
            numbers.extend(all.iter().copied().filter(|number| *number != DROPPED));
            weights.add(&mut numbers, length, &mut rows);
            start += length;
        }
        rows
    }
}

/// Why vectors cannot be made.
#[derive(Debug, thiserror::Error, PartialEq)]
pub enum VectorsError {
    /// What was asked for cannot be.
    #[error("{0}")]
    Spec(String),
    /// No vocabulary can be learnt.
    #[error(transparent)]
    Learn(#[from] LearnError),
}
