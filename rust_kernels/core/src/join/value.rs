//! The values that are aggregated: integers (also ranks of text, times and truth values) and floats.

use std::collections::{HashMap, HashSet};

use arrow_array::ArrayRef;
use arrow_schema::DataType;

use super::JoinError;
use super::lists::{Lists, histogram_array, histogram_type, list_array, list_of};
use super::output::Column;
use super::parallel;
use super::partition::Deal;
use super::plan::Aggregation;
use super::read::{Integers, floats, for_each_text, holds_integers, holds_text, integers};
use super::table::{Span, Table, TableColumn};
use crate::aggregate::Operation;

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
    /// The distinct texts in order, where it is text: the values are ranks among them.
    pub words: Option<Vec<&'a str>>,
    ranks: HashMap<&'a str, i64>,
}

impl<'a> ValueColumn<'a> {
    /// Prepares to read a column.
    pub fn new(events: &Table, column: &'a TableColumn, spans: &'a [Span]) -> Result<Self, JoinError> {
        let kind = &column.data_type;
        let mut words = None;
        if holds_text(kind) {
            let distinct = |span| {
                let mut seen = HashSet::new();
                for_each_text(column, span, |text| {
                    if let Some(text) = text.filter(|text| !seen.contains(text)) {
                        seen.insert(text);
                    }
                });
                seen
            };
            let all: HashSet<&str> =
                parallel::map(spans.iter().collect(), distinct).into_iter().flatten().collect();
            let mut sorted: Vec<&str> = all.into_iter().collect();
            sorted.sort_unstable();
            words = Some(sorted);
        } else if !(holds_integers(kind) || matches!(kind, DataType::Float32 | DataType::Float64)) {
            return Err(events.wrong_type(column, "numbers, text, times or truth values"));
        }
        let ranks = words.iter().flatten().zip(0..).map(|(word, rank)| (*word, rank)).collect();
        Ok(Self { column, words, ranks })
    }

    /// Refuses to add what cannot be added.
    pub fn check(&self, operation: Operation) -> Result<(), JoinError> {
        let kind = &self.column.data_type;
        let adds = kind.is_numeric() || matches!(kind, DataType::Boolean | DataType::Null);
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
            Op::Sum if self.value_type() != DataType::Float64 => DataType::Int64,
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
            DataType::LargeList(item) => list_array(answers, lists, &item, words),
            kind => answers.into_array(&kind, words),
        }
    }

    /// Reads one span and deals it out; returns how many values were not finite, too.
    pub fn deal(&self, span: &Span, deal: &Deal) -> Result<(Values, u64), JoinError> {
        if let DataType::Float32 | DataType::Float64 = self.column.data_type {
            let (values, non_finite) = floats(self.column, span);
            return Ok((Values::Floats(deal.scatter(values)), non_finite));
        }
        let read = if self.words.is_some() { self.texts(span) } else { integers(self.column, span) };
        if self.column.data_type == DataType::UInt64 {
            let there = |row: usize| read.present.as_ref().is_none_or(|present| present[row]);
            if let Some(row) = (0..span.rows).find(|&row| read.values[row] < 0 && there(row)) {
                return Err(JoinError::Integer { column: self.column.name.clone(), row: span.first + row });
            }
        }
        let present = read.present.map(|present| deal.scatter(present));
        Ok((Values::Integers(Integers { values: deal.scatter(read.values), present }), 0))
    }

    fn texts(&self, span: &Span) -> Integers {
        let mut values = Vec::with_capacity(span.rows);
        for_each_text(self.column, span, |text| {
            values.push(text.map_or(-1, |text| self.ranks.get(text).copied().unwrap_or(-1)));
        });
        let present = values.contains(&-1).then(|| values.iter().map(|rank| *rank >= 0).collect());
        Integers { values, present }
    }
}
