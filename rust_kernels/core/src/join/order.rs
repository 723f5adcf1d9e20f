//! The order of one key's events: (event time, available at, tie break), never the order they came in.

use std::cmp::Ordering;

use super::JoinError;
use super::column::{Dense, Table, floats, for_each_text, integers};

/// A tie-break column, comparable row by row; nulls come first.
pub enum TieBreak<'a> {
    /// Integers, dates, times, truth values.
    Integers(Dense<'a, i64>),
    /// Floats, by total order.
    Floats(Dense<'a, f64>),
    /// Text, by bytes.
    Text(Vec<Option<&'a str>>),
}

impl<'a> TieBreak<'a> {
    /// Reads a tie-break column.
    pub fn read(events: &'a Table, name: &str) -> Result<Self, JoinError> {
        let column = events.column(name)?;
        if let Some(values) = integers(column) {
            return Ok(Self::Integers(values));
        }
        if let Some(values) = floats(column) {
            return Ok(Self::Floats(values));
        }
        let mut texts = Vec::with_capacity(events.rows);
        if for_each_text(column, |value| texts.push(value)) {
            return Ok(Self::Text(texts));
        }
        Err(events.wrong_type(column, &column.data_type, "a type with an order: numbers, text, times"))
    }

    fn compare(&self, left: u32, right: u32) -> Ordering {
        let (left, right) = (left as usize, right as usize);
        match self {
            Self::Integers(values) => values.get(left).cmp(&values.get(right)),
            Self::Text(values) => values[left].cmp(&values[right]),
            Self::Floats(values) => match (values.get(left), values.get(right)) {
                (Some(a), Some(b)) => a.total_cmp(&b),
                (a, b) => a.is_some().cmp(&b.is_some()),
            },
        }
    }
}

/// Sorts one key's (event time, event number) pairs; ties by `available` then by the tie-break columns.
pub fn sort_events(pairs: &mut [(i64, u32)], available: Option<&[i64]>, ties: &[TieBreak<'_>]) {
    pairs.sort_unstable();
    let mut start = 0;
    while start < pairs.len() {
        let mut end = start + 1;
        while end < pairs.len() && pairs[end].0 == pairs[start].0 {
            end += 1;
        }
        if end - start > 1 {
            pairs[start..end].sort_by(|&(_, left), &(_, right)| compare_tied(left, right, available, ties));
        }
        start = end;
    }
}

fn compare_tied(left: u32, right: u32, available: Option<&[i64]>, ties: &[TieBreak<'_>]) -> Ordering {
    let arrived = available.map_or(Ordering::Equal, |at| at[left as usize].cmp(&at[right as usize]));
    ties.iter().fold(arrived, |so_far, tie| so_far.then_with(|| tie.compare(left, right)))
}
