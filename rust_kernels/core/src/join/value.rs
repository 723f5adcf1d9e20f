//! The values that are aggregated: integers (also ranks of text and bytes, times, decimals, truth values) and floats.

use std::collections::{HashMap, HashSet};

use arrow_array::ArrayRef;
use arrow_schema::{DECIMAL128_MAX_PRECISION, DataType};

use super::JoinError;
use super::lists::{Lists, digits, histogram_array, histogram_type, list_array, list_of};
use super::output::Column;
use super::partition::Deal;
use super::plan::Aggregation;
use super::read::{Integers, first_beyond, floats, holds_integers, integers};
use super::read_bytes::{for_each_bytes, holds_bytes, holds_text};
use super::table::{Span, Table, TableColumn};
use crate::aggregate::Operation;
use crate::parallel;

/// A column's values, in some order.
#[derive(Debug)]
pub enum Values {
    /// Finite floats; NaN is missing.
    Floats(Vec<f64>),
    /// Integers.
    Integers(Integers),
}

/// How a column is read, and how its results are written.
pub struct ValueColumn<'a> {
    /// The column of the events.
    pub column: &'a TableColumn,
    /// The distinct texts or bytes in order, where it is such: the values are ranks among them.
    pub words: Option<Vec<&'a [u8]>>,
    ranks: HashMap<&'a [u8], i64>,
}

impl<'a> ValueColumn<'a> {
    /// Prepares to read a column.
    pub fn new(events: &Table, column: &'a TableColumn, spans: &'a [Span]) -> Result<Self, JoinError> {
        let kind = &column.data_type;
        let mut words = None;
        if holds_bytes(kind) {
            let distinct = |span| {
                let mut seen = HashSet::new();
                for_each_bytes(column, span, |word| {
                    if let Some(word) = word.filter(|word| !seen.contains(word)) {
                        seen.insert(word);
                    }
                });
                seen
            };
            let all: HashSet<&[u8]> =
                parallel::map(spans.iter().collect(), distinct).into_iter().flatten().collect();
            let mut sorted: Vec<&[u8]> = all.into_iter().collect();
            sorted.sort_unstable();
            words = Some(sorted);
        } else if !(holds_integers(kind) || matches!(kind, DataType::Float32 | DataType::Float64)) {
            return Err(events.wrong_type(column, "numbers, text, bytes, times, durations or truth values"));
        }
        let ranks = words.iter().flatten().zip(0..).map(|(word, rank)| (*word, rank)).collect();
        Ok(Self { column, words, ranks })
    }

    /// Refuses to add what cannot be added.
    pub fn check(&self, operation: Operation) -> Result<(), JoinError> {
        let kind = &self.column.data_type;
        let adds =
            kind.is_numeric() || matches!(kind, DataType::Boolean | DataType::Duration(_) | DataType::Null);
        if operation.adds() && !adds {
            let (column, seen) = (self.column.name.clone(), kind.to_string());
            return Err(JoinError::Operation { operation: operation.name(), column, seen });
        }
        Ok(())
    }

    /// The Arrow type of an aggregation's results.
    #[must_use]
    pub fn output_type(&self, aggregation: &Aggregation) -> DataType {
        use Operation as Op;
        match aggregation.operation {
            Op::Count | Op::UniqueCount | Op::BoundedUniqueCount | Op::ApproxUniqueCount => DataType::Int64,
            Op::Sum => match self.value_type() {
                kind @ (DataType::Float64 | DataType::Duration(_)) => kind,
                DataType::Decimal128(_, scale) => DataType::Decimal128(DECIMAL128_MAX_PRECISION, scale),
                _ => DataType::Int64,
            },
            Op::Rate | Op::TimeSinceFirst | Op::TimeSinceLast => DataType::Float64,
            operation if operation.is_histogram() => histogram_type(),
            operation if operation.is_percentile() && aggregation.has_lists() => list_of(DataType::Float64),
            operation if operation.is_list() => list_of(self.value_type()),
            operation if operation.adds() => DataType::Float64,
            _ => self.value_type(),
        }
    }

    /// The Arrow type of the column's values among the results.
    #[must_use]
    pub fn value_type(&self) -> DataType {
        match &self.column.data_type {
            DataType::Float32 | DataType::Float64 => DataType::Float64,
            kind if kind.is_integer() => DataType::Int64,
            kind if holds_text(kind) => DataType::LargeUtf8,
            kind if holds_bytes(kind) => DataType::LargeBinary,
            DataType::Decimal32(precision, scale) | DataType::Decimal64(precision, scale) => {
                DataType::Decimal128(*precision, *scale)
            }
            kind => kind.clone(),
        }
    }

    /// One output's answers as Arrow.
    #[must_use]
    pub fn array(&self, aggregation: &Aggregation, answers: Column, lists: &Lists<'_>) -> ArrayRef {
        let words = self.words.as_deref();
        match self.output_type(aggregation) {
            DataType::LargeList(item) if aggregation.operation.is_histogram() => {
                histogram_array(answers, lists, &self.value_type(), words, &item)
            }
            DataType::LargeList(item) => {
                list_array(answers, lists, &item, words, self.unit(aggregation.operation))
            }
            kind => answers.divided(self.unit(aggregation.operation)).into_array(&kind, words),
        }
    }

    /// What floats made of the column's integers are divided by: decimals were read without their point, durations in
    /// their own unit, and come out as numbers and seconds.
    fn unit(&self, operation: Operation) -> Option<f64> {
        use Operation as Op;
        let places = match &self.column.data_type {
            DataType::Decimal32(_, scale)
            | DataType::Decimal64(_, scale)
            | DataType::Decimal128(_, scale) => i32::from(*scale),
            DataType::Duration(unit) => digits(*unit) as i32,
            _ => return None,
        };
        match operation {
            Op::Variance => Some(10_f64.powi(2 * places)),
            Op::Average | Op::DecayedSum | Op::Stddev | Op::Median => Some(10_f64.powi(places)),
            operation if operation.is_percentile() => Some(10_f64.powi(places)),
            _ => None,
        }
    }

    /// Reads one span and deals it out; returns how many values were not finite, too.
    pub fn deal(&self, span: &Span, deal: &Deal) -> Result<(Values, u64), JoinError> {
        if let DataType::Float32 | DataType::Float64 = self.column.data_type {
            let (values, non_finite) = floats(self.column, span);
            return Ok((Values::Floats(deal.scatter(values)), non_finite));
        }
        let read = if self.words.is_some() { self.ranks(span) } else { integers(self.column, span) };
        if let Some(row) = first_beyond(self.column, span) {
            return Err(JoinError::Integer { column: self.column.name.clone(), row });
        }
        let present = read.present.map(|present| deal.scatter(present));
        Ok((Values::Integers(Integers { values: deal.scatter(read.values), present }), 0))
    }

    fn ranks(&self, span: &Span) -> Integers {
        let mut values = Vec::with_capacity(span.rows);
        for_each_bytes(self.column, span, |word| {
            values.push(word.map_or(-1, |word| self.ranks.get(word).copied().unwrap_or(-1)));
        });
        let present = values.contains(&-1).then(|| values.iter().map(|rank| *rank >= 0).collect());
        Integers { values, present }
    }
}
