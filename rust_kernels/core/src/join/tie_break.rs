//! The order of events that happened, and became known, at the same time.

use std::cmp::Ordering;

use arrow_array::Array;
use arrow_schema::DataType;

use super::JoinError;
use super::read::{Integers, first_beyond, holds_integers, integers};
use super::read_bytes::{bytes, holds_bytes};
use super::table::{Span, Table, TableColumn};

/// One column by whose values ties are broken, nulls first.
pub enum TieBreak<'a> {
    /// Integers, truth values and times.
    Integers(Integers),
    /// Unsigned integers.
    Unsigned(Integers),
    /// Floats, NaN last.
    Floats(Vec<Option<f64>>),
    /// Text and bytes, looked up where two rows tie.
    Bytes(&'a TableColumn, Vec<usize>),
}

impl<'a> TieBreak<'a> {
    /// Reads a column.
    pub fn read(events: &'a Table, name: &str) -> Result<Self, JoinError> {
        let column = events.column(name)?;
        let whole = Span::whole(column);
        match &column.data_type {
            DataType::UInt64 => Ok(Self::Unsigned(integers(column, &whole))),
            kind if holds_integers(kind) => match first_beyond(column, &whole) {
                Some(row) => Err(JoinError::Integer { column: name.to_owned(), row }),
                None => Ok(Self::Integers(integers(column, &whole))),
            },
            DataType::Float32 | DataType::Float64 => {
                Ok(Self::Floats(super::read::raw_floats(column, &whole)))
            }
            kind if holds_bytes(kind) => {
                let ends = column.chunks.iter().scan(0, |end, chunk| {
                    *end += chunk.len();
                    Some(*end)
                });
                Ok(Self::Bytes(column, ends.collect()))
            }
            _ => {
                Err(events.wrong_type(column, "numbers, text, bytes, times or truth values to break ties by"))
            }
        }
    }

    /// Compares two rows of the table.
    #[must_use]
    pub fn compare(&self, left: u32, right: u32) -> Ordering {
        let (left, right) = (left as usize, right as usize);
        let integer = |read: &Integers, row: usize| {
            read.present.as_ref().is_none_or(|present| present[row]).then(|| read.values[row])
        };
        match self {
            Self::Integers(read) => integer(read, left).cmp(&integer(read, right)),
            Self::Unsigned(read) => {
                let bits = |row| integer(read, row).map(|value| value as u64);
                bits(left).cmp(&bits(right))
            }
            Self::Floats(values) => match (values[left], values[right]) {
                (Some(left), Some(right)) => left.total_cmp(&right),
                (left, right) => left.is_some().cmp(&right.is_some()),
            },
            Self::Bytes(column, ends) => at(column, ends, left).cmp(&at(column, ends, right)),
        }
    }
}

fn at<'a>(column: &'a TableColumn, ends: &[usize], row: usize) -> Option<&'a [u8]> {
    let chunk = ends.partition_point(|end| *end <= row);
    let start = if chunk == 0 { 0 } else { ends[chunk - 1] };
    bytes(column.chunks[chunk].as_ref(), row - start)
}
