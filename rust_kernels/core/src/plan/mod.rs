//! The serving plan: a pipeline lowered to one native call.
//!
//! `spec` is the plan as stored, `compile` and `lower` resolve it, `block` holds the values of a few rows, `step`
//! calculates over a block, `column` runs whole Arrow tables through blocks, `answer` is what comes of them.
mod answer;
pub mod block;
mod column;
mod compile;
pub mod error;
mod evaluate;
pub mod explain;
mod lower;
mod over_block;
mod over_trees;
mod spare;
pub mod spec;
mod step;

use std::borrow::Cow;
use std::sync::Arc;

pub use answer::Answer;
use block::{Block, Sizes};
use compile::{Compiled, compile};
use error::PlanError;
use spare::Spare;
use spec::{InputSpec, PlanSpec};
use step::Slot;

/// A pipeline that is ready to answer.
#[derive(Debug)]
pub struct Plan {
    compiled: Compiled,
    spare: Arc<Spare>,
}

/// One input's values of a block, to be written.
#[derive(Debug)]
pub enum Cells<'b, 'a> {
    /// Numbers, NaN being missing; truth values are 0 and 1.
    Numbers(&'b mut [f64]),
    /// Integers.
    Integers(&'b mut [Option<i64>]),
    /// Texts.
    Texts(&'b mut [Option<Cow<'a, str>>]),
}

impl Plan {
    /// Read a plan from its stored JSON.
    pub fn from_json(text: &str) -> Result<Self, PlanError> {
        let spec = serde_json::from_str(text).map_err(|error| PlanError::Malformed(error.to_string()))?;
        Self::from_spec(spec)
    }

    /// Build a plan.
    pub fn from_spec(spec: PlanSpec) -> Result<Self, PlanError> {
        Ok(Self { compiled: compile(spec)?, spare: Arc::default() })
    }

    /// The columns a caller gives, in order.
    #[must_use]
    pub fn inputs(&self) -> impl ExactSizeIterator<Item = &InputSpec> {
        self.compiled.inputs.iter().map(|(input, _)| input)
    }

    /// Names of the columns that are answered, in order.
    #[must_use]
    pub fn outputs(&self) -> impl ExactSizeIterator<Item = &str> {
        self.compiled.outputs.iter().map(|(name, _)| name.as_str())
    }

    /// How many slots a block of this plan needs.
    #[must_use]
    pub fn sizes(&self) -> Sizes {
        self.compiled.sizes
    }

    /// The values of one input in a block.
    pub fn cells<'b, 'a>(&self, block: &'b mut Block<'a>, input: usize, rows: usize) -> Cells<'b, 'a> {
        match self.compiled.inputs[input].1 {
            Slot::Number(slot) => Cells::Numbers(block.number_mut(slot, rows)),
            Slot::Integer(slot) => Cells::Integers(block.integer_mut(slot, rows)),
            Slot::Text(slot) => Cells::Texts(block.text_mut(slot, rows)),
        }
    }

    /// Calculate the first `rows` rows of a block. `first` is the number of its first row, for messages.
    pub fn run<'a>(&'a self, block: &mut Block<'a>, rows: usize, first: usize) -> Result<(), PlanError> {
        self.check_present(block, rows, first)?;
        for step in &self.compiled.steps {
            step.run(block, rows);
        }
        Ok(())
    }

    /// What one output is in one row of a block that was run.
    #[must_use]
    pub fn answer(&self, block: &Block<'_>, output: usize, row: usize) -> Answer {
        match self.compiled.outputs[output].1 {
            Slot::Number(slot) => Answer::Number(block.number(slot, row + 1)[row]),
            Slot::Integer(slot) => Answer::Integer(block.integer(slot, row + 1)[row]),
            Slot::Text(slot) => Answer::Text(block.text(slot, row + 1)[row].as_deref().map(str::to_owned)),
        }
    }

    /// The error about a name that is no input.
    #[must_use]
    pub fn unknown(&self, row: usize, column: &str) -> PlanError {
        let known: Vec<&str> = self.inputs().map(|input| input.name.as_str()).collect();
        let what = format!("is no input; the inputs are '{}'", known.join("', '"));
        PlanError::Value { row, column: column.to_owned(), what }
    }

    fn check_present(&self, block: &Block<'_>, rows: usize, first: usize) -> Result<(), PlanError> {
        for (input, slot) in self.compiled.inputs.iter().filter(|(input, _)| !input.nullable) {
            let missing = match *slot {
                Slot::Number(slot) => block.number(slot, rows).iter().position(|x| x.is_nan()),
                Slot::Integer(slot) => block.integer(slot, rows).iter().position(Option::is_none),
                Slot::Text(slot) => block.text(slot, rows).iter().position(Option::is_none),
            };
            if let Some(row) = missing {
                let what = format!("is missing, expected {}", input.dtype.word());
                return Err(PlanError::Value { row: first + row, column: input.name.clone(), what });
            }
        }
        Ok(())
    }
}
