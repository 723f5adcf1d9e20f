//! The hashing trick (Weinberger et al. 2009): a term's hash says its place in the vector, and its sign.
use serde::Deserialize;

use super::murmur::murmur3;
use super::sparse::{RowNorm, Rows};
use super::terms::{Analysis, AnalysisSpec, Room};
use crate::parallel;

const LEAST_TEXTS: usize = 512;
const PIECES_PER_CORE: usize = 8;
/// Places and a sign are sorted as one number of 32 bits.
const MOST_FEATURES: u32 = i32::MAX as u32;

/// Hashed vectors, as they are stored.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HashingSpec {
    /// How terms are made.
    pub analysis: AnalysisSpec,
    /// The length of a vector.
    pub features: u32,
    /// Whether half of the terms count negative, so that those that collide cancel out on average.
    pub alternate_sign: bool,
    /// Whether a place is 1 however often its terms occur.
    pub binary: bool,
    /// What a vector is divided by.
    pub norm: Option<RowNorm>,
}

/// Makes hashed vectors.
#[derive(Debug)]
pub struct Hashing {
    analysis: Analysis,
    spec: HashingSpec,
}

impl Hashing {
    /// Read it from its stored JSON; the message says what cannot be.
    pub fn from_json(text: &str) -> Result<Self, String> {
        let spec: HashingSpec = serde_json::from_str(text).map_err(|error| error.to_string())?;
        if spec.features == 0 || spec.features > MOST_FEATURES {
            return Err(format!("vectors of {} places, expected 1 to {MOST_FEATURES}", spec.features));
        }
        Ok(Self { analysis: Analysis::new(spec.analysis.clone())?, spec })
    }

    /// The vectors of texts.
    #[must_use]
    pub fn vectors(&self, texts: &[Option<&str>]) -> Vec<Rows> {
        parallel::pieces(texts, LEAST_TEXTS, PIECES_PER_CORE, |texts| self.piece(texts))
    }

    fn piece(&self, texts: &[Option<&str>]) -> Rows {
        let (mut rows, mut room, mut places) = (Rows::default(), Room::default(), Vec::new());
        for text in texts {
            match text {
                Some(text) => self.add(text, &mut room, &mut places, &mut rows),
                None => rows.push_missing(),
            }
        }
        rows
    }

    fn add(&self, text: &str, room: &mut Room, places: &mut Vec<u32>, rows: &mut Rows) {
        places.clear();
        self.analysis.each_term(text, room, |term| places.push(self.place(term)));
        places.sort_unstable();
        let mut rest = places.iter().copied().peekable();
        while let Some(first) = rest.next() {
            let (index, mut value) = (first >> 1, sign(first));
            while let Some(next) = rest.next_if(|next| next >> 1 == index) {
                value += sign(next);
            }
            rows.push(index, if self.spec.binary { 1.0 } else { value });
        }
        rows.end_row(self.spec.norm);
    }

    /// A term's place and, as the last bit, whether it counts negative.
    #[inline]
    fn place(&self, term: &str) -> u32 {
        let hash = murmur3(term.as_bytes(), 0) as i32;
        // The absolute value of the least hash fits 32 bits unsigned, which is what scikit-learn's detour comes to.
        let index = hash.unsigned_abs() % self.spec.features;
        index << 1 | u32::from(self.spec.alternate_sign && hash < 0)
    }
}

fn sign(place: u32) -> f64 {
    if place & 1 == 0 { 1.0 } else { -1.0 }
}
