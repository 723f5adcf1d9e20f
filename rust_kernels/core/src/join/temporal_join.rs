//! The join itself: reads the columns, gives keys ids, computes key ranges in parallel, assembles the outputs.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use arrow_array::ArrayRef;
use arrow_schema::DataType;
use rayon::prelude::*;

use super::JoinError;
use super::column::{Dense, Table, floats, for_each_text, integers};
use super::key::{self, NULL_KEY};
use super::order::TieBreak;
use super::output::OutputColumn;
use super::partition::Partition;
use super::per_key::{ColumnFolds, Fold, Input, Part, Values};
use crate::aggregate::Operation;
use crate::window::Window;

/// One output column.
#[derive(Clone, Debug)]
pub struct Aggregation {
    /// Its name.
    pub name: String,
    /// The column of the events that it reads.
    pub column: String,
    /// What it computes.
    pub operation: Operation,
    /// Over which window.
    pub window: Window,
}

/// Which columns play which part.
#[derive(Clone, Debug)]
pub struct Request {
    /// Key columns, of the same names in both tables.
    pub keys: Vec<String>,
    /// When an event happened.
    pub event_time: String,
    /// When it could be known; the event time where there is no such column.
    pub available_at: Option<String>,
    /// When a row asks.
    pub timestamp: String,
    /// Columns that order events of equal times.
    pub tie_break: Vec<String>,
    /// The outputs.
    pub aggregations: Vec<Aggregation>,
    /// ◁ is ≤ instead of <.
    pub inclusive: bool,
}

/// The outputs, one value a row in the order of the rows, with what was left out on the way.
pub struct Joined {
    /// Name and array of each aggregation.
    pub columns: Vec<(String, ArrayRef)>,
    /// NaN and infinite inputs, by column; they were skipped.
    pub non_finite: BTreeMap<String, u64>,
    /// Sums that did not fit, by aggregation; they are null.
    pub overflow: BTreeMap<String, u64>,
    /// Rows whose key some event has.
    pub matched_rows: u64,
}

/// A column's values, with what is needed to turn results back.
struct Read<'a> {
    values: Values<'a>,
    words: Option<Vec<String>>,
    data_type: DataType,
    non_finite: u64,
}

/// Joins; see the module above for the steps.
pub fn temporal_join(events: &Table, rows: &Table, request: &Request) -> Result<Joined, JoinError> {
    for table in [events, rows] {
        if table.rows >= key::UNKNOWN_KEY as usize {
            return Err(JoinError::TooMany { table: table.label, rows: table.rows });
        }
    }
    let event_times = events.times(&request.event_time)?;
    let row_times = rows.times(&request.timestamp)?;
    let available = available_times(events, request, &event_times)?;
    let names: BTreeSet<&str> = request.aggregations.iter().map(|a| a.column.as_str()).collect();
    let mut reads = names.iter().map(|name| read(events, name)).collect::<Result<Vec<_>, _>>()?;
    let kinds = output_kinds(request, &names, &reads)?;
    let ties = tie_breaks(events, request)?;
    let ids = key::encode(events, rows, &request.keys)?;
    let (event_partition, row_partition) =
        rayon::join(|| Partition::new(&ids.events, ids.keys), || Partition::new(&ids.rows, ids.keys));
    let columns = names.iter().zip(&mut reads).map(|(name, read)| ColumnFolds {
        values: std::mem::replace(&mut read.values, nothing()),
        folds: folds_of(request, name),
    });
    let input = Input {
        event_times: &event_times,
        available: available.as_deref(),
        row_times: &row_times,
        inclusive: request.inclusive,
        ties,
        columns: columns.collect(),
        floats: kinds.iter().map(|(floats, _)| *floats).collect(),
        events: &event_partition,
        rows: &row_partition,
    };
    let chunks = event_partition.chunks(&row_partition, rayon::current_num_threads() * 16);
    let parts: Vec<Part> = chunks.into_par_iter().map(|keys| input.compute(keys)).collect();
    Ok(assemble(request, rows.rows, &ids.rows, &row_partition, &parts, &kinds, &names, &reads))
}

fn available_times<'a>(
    events: &'a Table,
    request: &Request,
    event_times: &[i64],
) -> Result<Option<Cow<'a, [i64]>>, JoinError> {
    let Some(name) = &request.available_at else {
        return Ok(None);
    };
    let times = events.times(name)?;
    if times.iter().zip(event_times).all(|(at, time)| at >= time) {
        return Ok(Some(times));
    }
    Ok(Some(Cow::Owned(times.iter().zip(event_times).map(|(&at, &time)| at.max(time)).collect())))
}

fn tie_breaks<'a>(events: &'a Table, request: &Request) -> Result<Vec<TieBreak<'a>>, JoinError> {
    // Only first and last see the order of equal times; the columns are checked all the same.
    let ordered = request.aggregations.iter().any(|aggregation| aggregation.operation.is_ordered());
    let names = request.tie_break.iter();
    if ordered {
        return names.map(|name| TieBreak::read(events, name)).collect();
    }
    for name in names {
        events.column(name)?;
    }
    Ok(Vec::new())
}

fn nothing() -> Values<'static> {
    Values::Integers(Dense { values: Cow::Borrowed(&[]), valid: None })
}

fn read<'a>(events: &'a Table, name: &str) -> Result<Read<'a>, JoinError> {
    let column = events.column(name)?;
    let data_type = column.data_type.clone();
    if let Some(values) = integers(column) {
        return Ok(Read { values: Values::Integers(values), words: None, data_type, non_finite: 0 });
    }
    if let Some(values) = floats(column) {
        let (values, non_finite) = only_finite(values);
        return Ok(Read { values: Values::Floats(values), words: None, data_type, non_finite });
    }
    let mut texts = Vec::with_capacity(events.rows);
    if !for_each_text(column, |text| texts.push(text)) {
        return Err(events.wrong_type(column, &data_type, "numbers, text, timestamps or truth values"));
    }
    let words: Vec<&str> = texts.iter().flatten().copied().collect::<BTreeSet<_>>().into_iter().collect();
    let rank = |text: &str| words.partition_point(|&word| word < text) as i64;
    let values = texts.iter().map(|text| text.map_or(0, rank)).collect();
    let valid = Some(texts.iter().map(Option::is_some).collect());
    let words = Some(words.into_iter().map(str::to_owned).collect());
    Ok(Read {
        values: Values::Integers(Dense { values: Cow::Owned(values), valid }),
        words,
        data_type,
        non_finite: 0,
    })
}

/// Marks NaN and infinities as null and turns −0.0 into +0.0, so that equal values have equal bits.
fn only_finite(read: Dense<'_, f64>) -> (Dense<'_, f64>, u64) {
    let is_plain = |value: &f64| value.is_finite() && (*value != 0.0 || value.is_sign_positive());
    if read.values.par_iter().all(is_plain) {
        return (read, 0);
    }
    let valid: Vec<bool> = (0..read.len()).map(|row| read.get(row).is_some_and(f64::is_finite)).collect();
    let non_finite = (0..read.len()).filter(|&row| read.get(row).is_some() && !valid[row]).count();
    let values = read.values.iter().map(|&value| if value == 0.0 { 0.0 } else { value }).collect();
    (Dense { values: Cow::Owned(values), valid: Some(valid) }, non_finite as u64)
}

/// Whether each output holds floats, and its Arrow type.
fn output_kinds(
    request: &Request,
    names: &BTreeSet<&str>,
    reads: &[Read<'_>],
) -> Result<Vec<(bool, DataType)>, JoinError> {
    let kind = |aggregation: &Aggregation| {
        let read = &reads[place(names, &aggregation.column)];
        let numeric = read.data_type.is_integer() || read.data_type.is_floating();
        if aggregation.operation.adds() && !numeric {
            return Err(JoinError::Operation {
                operation: aggregation.operation.name(),
                column: aggregation.column.clone(),
                seen: read.data_type.to_string(),
            });
        }
        Ok(match aggregation.operation {
            Operation::Count => (false, DataType::Int64),
            Operation::Average => (true, DataType::Float64),
            _ if read.data_type.is_floating() => (true, DataType::Float64),
            _ => (false, read.data_type.clone()),
        })
    };
    request.aggregations.iter().map(kind).collect()
}

fn place(names: &BTreeSet<&str>, column: &str) -> usize {
    names.iter().position(|name| *name == column).unwrap_or_default()
}

fn folds_of(request: &Request, column: &str) -> Vec<Fold> {
    let mut folds: Vec<Fold> = Vec::new();
    for (output, aggregation) in request.aggregations.iter().enumerate() {
        if aggregation.column != column {
            continue;
        }
        let entry = (aggregation.operation, output);
        match folds.iter_mut().find(|fold| fold.window == aggregation.window) {
            Some(fold) => fold.outputs.push(entry),
            None => folds.push(Fold { window: aggregation.window, outputs: vec![entry] }),
        }
    }
    folds
}

#[allow(clippy::too_many_arguments)] // the pieces that the join above has just made
fn assemble(
    request: &Request,
    length: usize,
    row_ids: &[u32],
    partition: &Partition,
    parts: &[Part],
    kinds: &[(bool, DataType)],
    names: &BTreeSet<&str>,
    reads: &[Read<'_>],
) -> Joined {
    let column = |output: usize| {
        let aggregation = &request.aggregations[output];
        let mut whole = OutputColumn::nulls(kinds[output].0, length);
        for part in parts {
            let slots = &partition.numbers[part.start..];
            whole.scatter(&part.columns[output], &slots[..part.columns[output].len()]);
        }
        let read = &reads[place(names, &aggregation.column)];
        let is_count = aggregation.operation == Operation::Count;
        if is_count {
            whole.zero_unless(|row| row_ids[row] == NULL_KEY);
        }
        let words = read.words.as_deref().filter(|_| !is_count);
        (aggregation.name.clone(), whole.into_array(&kinds[output].1, words))
    };
    let overflow = request.aggregations.iter().enumerate().map(|(output, aggregation)| {
        (aggregation.name.clone(), parts.iter().map(|part| part.overflow[output]).sum::<u64>())
    });
    let non_finite = names.iter().zip(reads).map(|(name, read)| ((*name).to_owned(), read.non_finite));
    Joined {
        columns: (0..request.aggregations.len()).into_par_iter().map(column).collect(),
        non_finite: non_finite.filter(|(_, count)| *count > 0).collect(),
        overflow: overflow.filter(|(_, count)| *count > 0).collect(),
        matched_rows: parts.iter().map(|part| part.matched).sum(),
    }
}
