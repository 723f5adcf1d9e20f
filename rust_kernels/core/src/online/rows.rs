//! Which rows answer: those of the keys in the generation, and the streamed rows that it lacks.

use std::collections::HashSet;
use std::ops::Range;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, Int64Array, UInt64Array};
use arrow_schema::DataType;
use arrow_select::take::take;

use super::{Asked, Derived, Online};
use crate::join::{Span, TableColumn, floats, for_each_bytes, integers};

/// Chunks of the keys' numbers and of each column.
pub struct Chunks {
    pub keys: Vec<ArrayRef>,
    pub columns: Vec<Vec<ArrayRef>>,
}

/// Gathers what is asked from the generation and its tail: at most one chunk of each, since a join in many chunks costs
/// more than the copy. The rows of one key are a slice.
pub fn chunks(online: &Online, asked: &Asked<'_>) -> Chunks {
    let generation = Places::of_ranges(asked.ranges);
    let numbers = asked.ranges.iter().flat_map(|(key, _, rows)| std::iter::repeat_n(i64::from(*key), *rows));
    let mut keys: Vec<ArrayRef> = vec![Arc::new(numbers.collect::<Int64Array>())];
    let mut columns: Vec<Vec<ArrayRef>> =
        online.columns.iter().map(|(_, array)| vec![generation.gather(array)]).collect();
    if asked.tail_keys.is_empty() {
        return Chunks { keys, columns };
    }
    let runs = runs(online, asked, &columns);
    let rows = || runs.iter().cloned().flatten();
    keys.push(Arc::new(rows().map(|row| i64::from(asked.tail_keys[row])).collect::<Int64Array>()));
    let ranges: Vec<_> = runs.iter().map(|run| (0, run.start, run.len())).collect();
    let tail = Places::of_ranges(&ranges);
    for (chunks, streamed) in columns.iter_mut().zip(asked.tail) {
        chunks.push(tail.gather(streamed));
    }
    Chunks { keys, columns }
}

/// Where rows lie in an array.
enum Places {
    Slice { offset: usize, rows: usize },
    Scattered(UInt64Array),
}

impl Places {
    fn of_ranges(ranges: &[(u32, usize, usize)]) -> Self {
        match ranges {
            [] => Self::Slice { offset: 0, rows: 0 },
            [(_, offset, rows)] => Self::Slice { offset: *offset, rows: *rows },
            _ => {
                let places =
                    ranges.iter().flat_map(|(_, offset, rows)| *offset as u64..(offset + rows) as u64);
                Self::Scattered(places.collect())
            }
        }
    }

    fn gather(&self, array: &ArrayRef) -> ArrayRef {
        match self {
            Self::Slice { offset, rows } => array.slice(*offset, *rows),
            Self::Scattered(places) => take(array.as_ref(), places, None)
                .expect("every type can be taken, by places within the array"),
        }
    }
}

/// Runs of streamed rows that the generation lacks.
fn runs(online: &Online, asked: &Asked<'_>, columns: &[Vec<ArrayRef>]) -> Vec<Range<usize>> {
    let rows = asked.tail_keys.len();
    let time = one(&online.columns[online.time].0, asked.tail[online.time].clone());
    let times = integers(&time, &Span::whole(&time)).values;
    let early = |row: &usize| times[*row] < asked.midnight;
    let Some(id) = online.event_id.filter(|_| (0..rows).any(|row| early(&row))) else {
        return std::iter::once(0..rows).collect();
    };
    let name = &online.columns[id].0;
    let there = TableColumn {
        name: name.clone(),
        data_type: online.columns[id].1.data_type().clone(),
        chunks: columns[id].clone(),
    };
    let known: HashSet<Id> = ids(&there).into_iter().collect();
    let streamed = ids(&one(name, asked.tail[id].clone()));
    let mut found: Vec<Range<usize>> = Vec::new();
    for row in (0..rows).filter(|row| !(early(row) && known.contains(&streamed[*row]))) {
        match found.last_mut() {
            Some(last) if last.end == row => last.end += 1,
            _ => found.push(row..row + 1),
        }
    }
    found
}

#[derive(PartialEq, Eq, Hash)]
enum Id {
    Bytes(Option<Box<[u8]>>),
    Integer(i64),
}

fn ids(column: &TableColumn) -> Vec<Id> {
    let span = Span::whole(column);
    if column.data_type.is_integer() {
        return integers(column, &span).values.into_iter().map(Id::Integer).collect();
    }
    let mut found = Vec::with_capacity(span.rows);
    for_each_bytes(column, &span, |bytes| found.push(Id::Bytes(bytes.map(Box::from))));
    found
}

fn one(name: &str, array: ArrayRef) -> TableColumn {
    TableColumn { name: name.to_owned(), data_type: array.data_type().clone(), chunks: vec![array] }
}

/// Makes a column of others, chunk by chunk.
pub fn derive(derived: &Derived, columns: &[TableColumn], time: usize) -> Vec<ArrayRef> {
    let (Derived::Number { of } | Derived::Time { of }) = derived;
    let make = |(place, array): (usize, &ArrayRef)| -> ArrayRef {
        if matches!(derived, Derived::Number { .. }) {
            return Arc::new(
                array.as_boolean().iter().map(|truth| truth.map(i64::from)).collect::<Int64Array>(),
            );
        }
        let at = one(&columns[time].name, columns[time].chunks[place].clone());
        let times = integers(&at, &Span::whole(&at)).values;
        let counts = counted(array, &columns[*of].name);
        let made = times.into_iter().zip(counts).map(|(at, counts)| counts.then_some(at));
        Arc::new(made.collect::<Int64Array>())
    };
    columns[*of].chunks.iter().enumerate().map(make).collect()
}

/// Whether each value is one that an operation sees: neither null nor, among floats, infinite or NaN.
fn counted(array: &ArrayRef, name: &str) -> Vec<bool> {
    if let DataType::Float32 | DataType::Float64 = array.data_type() {
        let column = one(name, array.clone());
        return floats(&column, &Span::whole(&column)).0.iter().map(|value| !value.is_nan()).collect();
    }
    (0..array.len()).map(|row| array.is_valid(row)).collect()
}
