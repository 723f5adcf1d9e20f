//! Answers for a few keys whose rows are known by their places: the temporal join without a search for keys.
//!
//! 1. Of a generation, sorted by key, each key's rows are a slice, gathered where keys are many; what a stream added
//!    follows in a chunk of its own (`packed`).
//! 2. A streamed row from before the generation's midnight that the generation has, by its id, is left out.
//! 3. Keys become their numbers among those asked for, so that their values are neither read nor compared.
//! 4. Where no two rows of a key have one time, the columns that only break ties are left where they are.
//! 5. Columns that are made of others, truths as numbers and times of inputs, are made of these rows only.
//! 6. `temporal_join` does the rest: there is no second implementation of an operation.

mod digest;
mod packed;
mod rows;
#[cfg(test)]
mod tests;

use arrow_array::{ArrayRef, Int64Array};
use arrow_schema::DataType;
use std::sync::Arc;

pub use digest::{Digester, KeyValue};
pub use packed::{PackedError, unpack};

use crate::join::{JoinError, Joined, Request, Table, TableColumn, temporal_join};

/// The name of the column that holds the keys' numbers, in place of the keys.
pub const KEY: &str = "__key";
/// The name of the column of the questions that holds their time.
pub const AT: &str = "__at";

/// A column that is made of another one.
#[derive(Clone, Debug)]
pub enum Derived {
    /// Truth values as 0 and 1.
    Number {
        /// The column of truth values.
        of: usize,
    },
    /// The event time (µs) where the column has a value that counts, null in the other rows.
    Time {
        /// The column.
        of: usize,
    },
}

impl Derived {
    fn of(&self) -> usize {
        let (Self::Number { of } | Self::Time { of }) = self;
        *of
    }
}

/// A generation with what is asked of it; each column is one array, all of one length.
#[derive(Clone, Debug)]
pub struct Online {
    /// Names and arrays.
    pub columns: Vec<(String, ArrayRef)>,
    /// Names of columns that are made of others.
    pub derived: Vec<(String, Derived)>,
    /// The place of the event time among the columns.
    pub time: usize,
    /// The place of the event id, where a stream adds rows.
    pub event_id: Option<usize>,
    /// What is asked; its keys are `KEY`, its timestamp `AT`.
    request: Request,
    /// The same where no two rows of a key have one time.
    untied: Request,
    /// For each column, whether it is read only where two rows have one time.
    breaks_ties: Vec<bool>,
}

/// What one request asks.
#[derive(Debug)]
pub struct Asked<'a> {
    /// (number of the key, offset, length) of the rows in the generation.
    pub ranges: &'a [(u32, usize, usize)],
    /// The streamed rows, an array for each column of the generation; none where nothing was streamed.
    pub tail: &'a [ArrayRef],
    /// The number of each streamed row's key.
    pub tail_keys: &'a [u32],
    /// The generation's midnight (µs).
    pub midnight: i64,
    /// The number of each question's key; `None` where it has a null.
    pub questions: &'a [Option<u32>],
    /// The time of all questions (µs).
    pub at: i64,
}

impl Online {
    /// Prepares what is asked of a generation: `request`, whose keys are `KEY` and whose timestamp is `AT`.
    #[must_use]
    pub fn new(
        columns: Vec<(String, ArrayRef)>,
        derived: Vec<(String, Derived)>,
        time: usize,
        event_id: Option<usize>,
        request: Request,
    ) -> Self {
        let is_read = |place: usize, name: &String| {
            let times =
                [Some(&request.event_time), request.available_at.as_ref(), request.available_to.as_ref()];
            let made = |(_, each): &(String, Derived)| each.of() == place;
            times.contains(&Some(name))
                || request.aggregations.iter().any(|each| each.column == *name)
                || derived.iter().any(made)
        };
        let ties = |(place, (name, _)): (usize, &(String, ArrayRef))| place != time && !is_read(place, name);
        let breaks_ties = columns.iter().enumerate().map(ties).collect();
        let untied = Request { tie_break: Vec::new(), ..request.clone() };
        Self { columns, derived, time, event_id, request, untied, breaks_ties }
    }

    /// Answers the questions in their order.
    pub fn answer(&self, asked: &Asked<'_>) -> Result<Joined, JoinError> {
        // What is left where it is has no chunks, and `untied` does not name it.
        let kept = rows::chunks(self, asked);
        let rows = kept.keys.iter().map(|keys| keys.len()).sum();
        let mut columns = Vec::with_capacity(self.columns.len() + self.derived.len() + 1);
        columns.push(column(KEY, DataType::Int64, kept.keys));
        for ((name, array), chunks) in self.columns.iter().zip(kept.columns) {
            columns.push(column(name, array.data_type().clone(), chunks));
        }
        for (name, derived) in &self.derived {
            let made = rows::derive(derived, &columns[1..], self.time);
            columns.push(column(name, DataType::Int64, made));
        }
        let events = Table { label: "events", columns, rows };
        let numbers = asked.questions.iter().map(|key| key.map(i64::from));
        let keys: ArrayRef = Arc::new(numbers.collect::<Int64Array>());
        let times: ArrayRef = Arc::new(Int64Array::from(vec![asked.at; asked.questions.len()]));
        let columns =
            vec![column(KEY, DataType::Int64, vec![keys]), column(AT, DataType::Int64, vec![times])];
        let questions = Table { label: "rows", columns, rows: asked.questions.len() };
        temporal_join(&events, &questions, if kept.tied { &self.request } else { &self.untied })
    }
}

fn column(name: &str, data_type: DataType, chunks: Vec<ArrayRef>) -> TableColumn {
    TableColumn { name: name.to_owned(), data_type, chunks }
}
