//! Which rows answer: those of the keys in the generation, and the streamed rows that it lacks.

use std::collections::HashSet;
use std::ops::Range;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, Int64Array, make_array};
use arrow_buffer::{Buffer, ScalarBuffer};
use arrow_data::transform::MutableArrayData;
use arrow_schema::DataType;

use super::{Asked, Derived, Online};
use crate::join::{Span, TableColumn, floats, for_each_bytes, integers};

/// Chunks of the keys' numbers and of each column.
pub struct Chunks {
    pub keys: Vec<ArrayRef>,
    pub columns: Vec<Vec<ArrayRef>>,
    /// Whether two rows of a key may have one time; where not, columns that only break ties have no chunks.
    pub tied: bool,
}

/// Gathers what is asked from the generation and its tail: at most one chunk of each, since a join in many chunks costs
/// more than the copy. The rows of one key are a slice.
pub fn chunks(online: &Online, asked: &Asked<'_>) -> Chunks {
    let generation = Places(asked.ranges.iter().map(|(_, offset, rows)| *offset..offset + rows).collect());
    let numbers = asked.ranges.iter().flat_map(|(key, _, rows)| std::iter::repeat_n(i64::from(*key), *rows));
    let mut keys: Vec<ArrayRef> = vec![Arc::new(numbers.collect::<Int64Array>())];
    let times = generation.gather(&online.columns[online.time].1);
    let streamed = asked.tail.get(online.time).map(|tail| read_times(online, tail.clone()));
    let tied = is_tied(online, asked, &times, streamed.as_deref());
    let column = |(place, (_, array)): (usize, &(String, ArrayRef))| match place {
        _ if place == online.time => vec![times.clone()],
        _ if online.breaks_ties[place] && !tied => Vec::new(),
        _ => vec![generation.gather(array)],
    };
    let mut columns: Vec<Vec<ArrayRef>> = online.columns.iter().enumerate().map(column).collect();
    let Some(streamed) = streamed.filter(|times| !times.is_empty()) else {
        return Chunks { keys, columns, tied };
    };
    let tail = Places(runs(online, asked, &streamed, &columns));
    let rows = tail.0.iter().cloned().flatten();
    keys.push(Arc::new(rows.map(|row| i64::from(asked.tail_keys[row])).collect::<Int64Array>()));
    for (chunks, streamed) in columns.iter_mut().zip(asked.tail).filter(|(chunks, _)| !chunks.is_empty()) {
        chunks.push(tail.gather(streamed));
    }
    Chunks { keys, columns, tied }
}

/// Whether two rows of a key may have one time, or streamed ones need comparing with the generation by their ids.
fn is_tied(online: &Online, asked: &Asked<'_>, times: &ArrayRef, streamed: Option<&[i64]>) -> bool {
    let grows = |times: &[i64]| times.is_sorted_by(|earlier, later| earlier < later);
    let (times, mut start) = (read_times(online, times.clone()), 0);
    let mut is_in_order = |(_, _, rows): &(u32, usize, usize)| {
        start += rows;
        grows(&times[start - rows..start])
    };
    if !asked.ranges.iter().all(&mut is_in_order) {
        return true;
    }
    let Some(streamed) = streamed else { return false };
    let rows = || asked.tail_keys.iter().zip(streamed);
    !rows().is_sorted_by(|earlier, later| earlier < later)
        || streamed.iter().any(|time| *time < asked.midnight)
}

fn read_times(online: &Online, array: ArrayRef) -> Vec<i64> {
    let times = one(&online.columns[online.time].0, array);
    integers(&times, &Span::whole(&times)).values
}

/// Where rows lie in an array.
struct Places(Vec<Range<usize>>);

impl Places {
    fn gather(&self, array: &ArrayRef) -> ArrayRef {
        match self.0.as_slice() {
            [] => array.slice(0, 0),
            [run] => array.slice(run.start, run.len()),
            runs => {
                if let Some(values) = words(array) {
                    let mut gathered = Vec::with_capacity(runs.iter().map(Range::len).sum());
                    // Reads that do not wait for one another bring what the copies then find in the cache.
                    let near = runs.iter().flat_map(|run| run.clone().step_by(8));
                    std::hint::black_box(near.fold(0, |all, row| all ^ values[row]));
                    for run in runs {
                        gathered.extend_from_slice(&values[run.clone()]);
                    }
                    let data = array
                        .to_data()
                        .into_builder()
                        .len(gathered.len())
                        .offset(0)
                        .buffers(vec![Buffer::from_vec(gathered)]);
                    return make_array(data.build().expect("as many words as rows"));
                }
                let data = array.to_data();
                let rows = runs.iter().map(Range::len).sum();
                let mut gathered = MutableArrayData::new(vec![&data], false, rows);
                for run in runs {
                    gathered.try_extend(0, run.start, run.end).expect("rows of a request fit into an array");
                }
                make_array(gathered.freeze())
            }
        }
    }
}

/// The values of a column of 64 bits without nulls.
fn words(array: &ArrayRef) -> Option<ScalarBuffer<u64>> {
    let is_word = array.data_type().primitive_width() == Some(8) && array.null_count() == 0;
    let data = array.to_data();
    is_word.then(|| ScalarBuffer::new(data.buffers()[0].clone(), data.offset(), data.len()))
}

/// Runs of streamed rows that the generation lacks.
fn runs(online: &Online, asked: &Asked<'_>, times: &[i64], columns: &[Vec<ArrayRef>]) -> Vec<Range<usize>> {
    let rows = times.len();
    let early = |row: &usize| times[*row] < asked.midnight;
    let Some(id) = online.event_id.filter(|_| (0..rows).any(|row| early(&row))) else {
        return vec![0..rows; usize::from(rows > 0)];
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
