//! What a plan answers: one value of a row, or columns that grow by blocks.
use std::sync::Arc;

use arrow_array::{ArrayRef, Int64Array, LargeStringArray};
use arrow_schema::DataType;

use super::block::Block;
use super::spare::{Numbers, Spare};
use super::step::Slot;

/// One output of one row.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    /// A number, NaN being missing; truth values are 0 and 1.
    Number(f64),
    /// An integer, days or microseconds.
    Integer(Option<i64>),
    /// A text.
    Text(Option<String>),
}

/// One output of a table.
#[derive(Debug)]
pub(super) enum Column {
    Numbers(Numbers),
    Integers(Vec<Option<i64>>),
    Texts(Vec<Option<String>>),
}

/// A run of rows of an output, to be written.
#[derive(Debug)]
pub(super) enum Part<'o> {
    Numbers(&'o mut [f64]),
    Integers(&'o mut [Option<i64>]),
    Texts(&'o mut [Option<String>]),
}

impl Column {
    /// Columns of so many rows for slots; numbers lie in memory that was given back.
    pub(super) fn all(
        slots: impl Iterator<Item = Slot> + Clone,
        rows: usize,
        spare: &Arc<Spare>,
    ) -> Vec<Self> {
        let numbers = slots.clone().filter(|slot| matches!(slot, Slot::Number(_))).count();
        let mut taken = spare.take(numbers, rows).into_iter();
        let column = |slot| {
            Some(match slot {
                Slot::Number(_) => Self::Numbers(taken.next()?),
                Slot::Integer(_) => Self::Integers(vec![None; rows]),
                Slot::Text(_) => Self::Texts(vec![None; rows]),
            })
        };
        slots.filter_map(column).collect()
    }

    /// All of it, to be written.
    pub(super) fn part(&mut self) -> Part<'_> {
        match self {
            Self::Numbers(values) => Part::Numbers(values.values()),
            Self::Integers(values) => Part::Integers(values),
            Self::Texts(values) => Part::Texts(values),
        }
    }

    /// The Arrow type that it becomes.
    pub(super) fn data_type(&self) -> DataType {
        match self {
            Self::Numbers(_) => DataType::Float64,
            Self::Integers(_) => DataType::Int64,
            Self::Texts(_) => DataType::LargeUtf8,
        }
    }

    /// The Arrow array that it becomes; a missing number is NaN, what else is missing is null.
    pub(super) fn array(self) -> ArrayRef {
        match self {
            Self::Numbers(values) => Arc::new(values.array()),
            Self::Integers(values) => Arc::new(Int64Array::from(values)),
            Self::Texts(values) => Arc::new(LargeStringArray::from(values)),
        }
    }
}

impl<'o> Part<'o> {
    /// Take the first rows off.
    pub(super) fn split_off(&mut self, rows: usize) -> Part<'o> {
        match self {
            Self::Numbers(values) => Part::Numbers(values.split_off_mut(..rows).unwrap_or_default()),
            Self::Integers(values) => Part::Integers(values.split_off_mut(..rows).unwrap_or_default()),
            Self::Texts(values) => Part::Texts(values.split_off_mut(..rows).unwrap_or_default()),
        }
    }

    /// How many rows there are.
    pub(super) fn len(&self) -> usize {
        match self {
            Self::Numbers(values) => values.len(),
            Self::Integers(values) => values.len(),
            Self::Texts(values) => values.len(),
        }
    }

    /// Write what a block holds in a slot of this kind to rows from `offset` on.
    pub(super) fn write(&mut self, block: &Block<'_>, slot: Slot, offset: usize, rows: usize) {
        match (self, slot) {
            (Self::Numbers(values), Slot::Number(slot)) => {
                values[offset..offset + rows].copy_from_slice(block.number(slot, rows));
            }
            (Self::Integers(values), Slot::Integer(slot)) => {
                values[offset..offset + rows].copy_from_slice(block.integer(slot, rows));
            }
            (Self::Texts(values), Slot::Text(slot)) => {
                for (value, text) in values[offset..offset + rows].iter_mut().zip(block.text(slot, rows)) {
                    *value = text.as_deref().map(str::to_owned);
                }
            }
            _ => debug_assert!(false, "a part is written from a slot of its own kind"),
        }
    }
}
