//! Learns a vocabulary: pieces of the texts are counted on all cores, each with a vocabulary of its own, and merged.
use std::cmp::Reverse;

use serde::Deserialize;
use thiserror::Error;

use super::terms::{Analysis, Room};
use super::vocabulary::Vocabulary;
use crate::parallel;

const LEAST_TEXTS: usize = 4096;
// Each piece has a vocabulary of its own to merge, so there are few.
const PIECES_PER_CORE: usize = 2;
/// A term that was left out.
pub(super) const DROPPED: u32 = u32::MAX;

/// A number of texts, or a share of them.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(untagged)]
pub enum Bound {
    /// So many texts.
    Count(u64),
    /// So many of all.
    Share(f64),
}

impl Bound {
    fn texts(self, all: u64) -> f64 {
        match self {
            Self::Count(count) => count as f64,
            Self::Share(share) => share * all as f64,
        }
    }
}

/// Which terms are kept.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// A term is in at least so many texts.
    pub min_df: Bound,
    /// A term is in at most so many texts.
    pub max_df: Bound,
    /// Of these, the most frequent; of those that are alike, the first in order.
    pub max_features: Option<usize>,
}

/// Why no vocabulary can be learnt.
#[derive(Debug, Error, PartialEq)]
pub enum LearnError {
    /// There are no terms.
    #[error("the texts have no term at all")]
    NoTerms,
    /// None is within the limits.
    #[error("none of {0} terms is in as many texts as min_df and max_df say")]
    NoneLeft(usize),
    /// The limits contradict each other.
    #[error("max_df is {most} texts, which is fewer than min_df, {fewest}")]
    Limits {
        /// `min_df` as a number of texts.
        fewest: f64,
        /// `max_df` as a number of texts.
        most: f64,
    },
}

/// The terms of some texts, by numbers in a vocabulary of their own.
#[derive(Debug, Default)]
pub(super) struct Piece {
    vocabulary: Vocabulary,
    documents: Vec<u64>,
    occurrences: Vec<u64>,
    /// The terms of all texts, one text after the other; later the numbers in the learnt vocabulary.
    pub(super) numbers: Vec<u32>,
    /// How many terms each text has; `None` is a missing text.
    pub(super) lengths: Vec<Option<usize>>,
}

/// What was learnt.
#[derive(Debug)]
pub(super) struct Learnt {
    /// Terms in order.
    pub(super) vocabulary: Vocabulary,
    /// In how many texts each is.
    pub(super) documents: Vec<u64>,
    /// The texts.
    pub(super) pieces: Vec<Piece>,
}

impl Learnt {
    /// How many texts there were, missing ones aside.
    pub(super) fn texts(&self) -> u64 {
        self.pieces.iter().map(Piece::texts).sum()
    }

    /// How many terms they had, dropped ones too.
    pub(super) fn length(&self) -> usize {
        self.pieces.iter().map(|piece| piece.numbers.len()).sum()
    }
}

impl Piece {
    fn count(texts: &[Option<&str>], analysis: &Analysis) -> Self {
        let (mut piece, mut room, mut last_text) = (Self::default(), Room::default(), Vec::new());
        for (at, text) in texts.iter().enumerate() {
            let start = piece.numbers.len();
            let Some(text) = text else {
                piece.lengths.push(None);
                continue;
            };
            analysis.each_term(text, &mut room, |term| {
                let number = piece.vocabulary.add(term);
                let place = number as usize;
                if place == last_text.len() {
                    last_text.push(usize::MAX);
                    piece.documents.push(0);
                    piece.occurrences.push(0);
                }
                if last_text[place] != at {
                    last_text[place] = at;
                    piece.documents[place] += 1;
                }
                piece.occurrences[place] += 1;
                piece.numbers.push(number);
            });
            piece.lengths.push(Some(piece.numbers.len() - start));
        }
        piece
    }

    fn texts(&self) -> u64 {
        self.lengths.iter().flatten().count() as u64
    }

    fn renumber(&mut self, numbers: &[u32]) {
        self.numbers.iter_mut().for_each(|number| *number = numbers[*number as usize]);
    }
}

/// Learn the vocabulary of texts.
pub(super) fn learn(
    texts: &[Option<&str>],
    analysis: &Analysis,
    limits: Limits,
    binary: bool,
) -> Result<Learnt, LearnError> {
    let mut pieces =
        parallel::pieces(texts, LEAST_TEXTS, PIECES_PER_CORE, |texts| Piece::count(texts, analysis));
    let (all, documents, occurrences, found) = merge(&pieces);
    let texts = pieces.iter().map(Piece::texts).sum();
    let frequencies = if binary { &documents } else { &occurrences };
    let kept = kept(&all, &documents, frequencies, limits, texts)?;
    let vocabulary = kept.iter().map(|number| all.term(*number)).collect();
    let mut places = vec![DROPPED; all.len()];
    for (place, number) in kept.iter().enumerate() {
        places[*number as usize] = place as u32;
    }
    let work = pieces.iter_mut().zip(found).collect();
    parallel::map(work, |(piece, numbers): (&mut Piece, Vec<u32>)| {
        let renumbered: Vec<u32> = numbers.iter().map(|number| places[*number as usize]).collect();
        piece.renumber(&renumbered);
    });
    let documents = kept.iter().map(|number| documents[*number as usize]).collect();
    Ok(Learnt { vocabulary, documents, pieces })
}

type Merged = (Vocabulary, Vec<u64>, Vec<u64>, Vec<Vec<u32>>);

/// One vocabulary of those of the pieces, its counts, and the numbers in it of each piece's terms.
fn merge(pieces: &[Piece]) -> Merged {
    let (mut all, mut documents, mut occurrences) = (Vocabulary::default(), Vec::new(), Vec::new());
    let mut found = Vec::with_capacity(pieces.len());
    for piece in pieces {
        let numbers: Vec<u32> = piece.vocabulary.terms().map(|term| all.add(term)).collect();
        documents.resize(all.len(), 0);
        occurrences.resize(all.len(), 0);
        for (local, number) in numbers.iter().enumerate() {
            documents[*number as usize] += piece.documents[local];
            occurrences[*number as usize] += piece.occurrences[local];
        }
        found.push(numbers);
    }
    (all, documents, occurrences, found)
}

/// The terms that are kept, in order.
fn kept(
    all: &Vocabulary,
    documents: &[u64],
    frequencies: &[u64],
    limits: Limits,
    texts: u64,
) -> Result<Vec<u32>, LearnError> {
    if all.is_empty() {
        return Err(LearnError::NoTerms);
    }
    let (fewest, most) = (limits.min_df.texts(texts), limits.max_df.texts(texts));
    if most < fewest {
        return Err(LearnError::Limits { fewest, most });
    }
    let mut kept: Vec<u32> = (0..all.len() as u32)
        .filter(|number| (fewest..=most).contains(&(documents[*number as usize] as f64)))
        .collect();
    if kept.is_empty() {
        return Err(LearnError::NoneLeft(all.len()));
    }
    kept.sort_unstable_by_key(|number| all.term(*number));
    if let Some(most) = limits.max_features.filter(|most| *most < kept.len()) {
        // Stable: of terms that are as frequent, the first in order stay.
        kept.sort_by_key(|number| Reverse(frequencies[*number as usize]));
        kept.truncate(most);
        kept.sort_unstable_by_key(|number| all.term(*number));
    }
    Ok(kept)
}
