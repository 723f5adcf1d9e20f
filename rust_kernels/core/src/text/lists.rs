//! The terms of texts as lists.
use arrow_array::builder::{LargeListBuilder, LargeStringBuilder};
use arrow_array::{Array, ArrayRef};
use arrow_schema::ArrowError;

use super::terms::{Analysis, AnalysisSpec, Room};
use crate::parallel;

const LEAST_TEXTS: usize = 1024;
const PIECES_PER_CORE: usize = 4;

impl Analysis {
    /// Read it from its stored JSON; the message says what cannot be.
    pub fn from_json(text: &str) -> Result<Self, String> {
        let spec: AnalysisSpec = serde_json::from_str(text).map_err(|error| error.to_string())?;
        Self::new(spec)
    }

    /// The terms of texts, in the order in which `each_term` visits them.
    pub fn lists(&self, texts: &[Option<&str>]) -> Result<ArrayRef, ArrowError> {
        let pieces = parallel::pieces(texts, LEAST_TEXTS, PIECES_PER_CORE, |texts| {
            let (mut made, mut room) = (LargeListBuilder::new(LargeStringBuilder::new()), Room::default());
            for text in texts {
                if let Some(text) = text {
                    self.each_term(text, &mut room, |term| made.values().append_value(term));
                }
                made.append(text.is_some());
            }
            made.finish()
        });
        let all: Vec<&dyn Array> = pieces.iter().map(|piece| piece as &dyn Array).collect();
        arrow_select::concat::concat(&all)
    }
}
