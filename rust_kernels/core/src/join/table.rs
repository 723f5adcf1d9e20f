//! Tables as they come in, in chunks, and the spans of rows that one thread works on at a time.

use std::ops::Range;

use arrow_array::{Array, ArrayRef};
use arrow_schema::DataType;

use super::JoinError;

/// Rows a span: its columns fit a core's own cache.
const SPAN: usize = 1 << 17;

/// One column: its name, type and chunks.
#[derive(Clone, Debug)]
pub struct TableColumn {
    /// The name.
    pub name: String,
    /// The Arrow type of every chunk.
    pub data_type: DataType,
    /// The chunks, in order.
    pub chunks: Vec<ArrayRef>,
}

/// A table of Arrow columns, all in chunks of the same lengths.
#[derive(Clone, Debug)]
pub struct Table {
    /// `events` or `rows`, for messages.
    pub label: &'static str,
    /// The columns.
    pub columns: Vec<TableColumn>,
    /// The length of each column.
    pub rows: usize,
}

/// Consecutive rows of a table, as ranges of its chunks.
#[derive(Clone, Debug)]
pub struct Span {
    /// The number of the first row.
    pub first: usize,
    /// How many rows.
    pub rows: usize,
    parts: Vec<(usize, Range<usize>)>,
}

impl Table {
    /// Finds a column by name.
    pub fn column(&self, name: &str) -> Result<&TableColumn, JoinError> {
        let names = || self.columns.iter().map(|column| column.name.as_str()).collect::<Vec<_>>();
        self.columns.iter().find(|column| column.name == name).ok_or_else(|| JoinError::UnknownColumn {
            table: self.label,
            seen: name.to_owned(),
            known: names().join(", "),
        })
    }

    /// The error of a column whose type does not serve.
    #[must_use]
    pub fn wrong_type(&self, column: &TableColumn, expected: &'static str) -> JoinError {
        let (name, seen) = (column.name.clone(), column.data_type.to_string());
        JoinError::Type { table: self.label, column: name, seen, expected }
    }

    /// Cuts the table into spans of bounded length; small chunks share one.
    #[must_use]
    pub fn spans(&self) -> Vec<Span> {
        let Some(column) = self.columns.first() else {
            return Vec::new();
        };
        let mut spans = Vec::new();
        let mut span = Span { first: 0, rows: 0, parts: Vec::new() };
        for (chunk, array) in column.chunks.iter().enumerate() {
            let mut start = 0;
            while start < array.len() {
                let end = array.len().min(start + SPAN - span.rows);
                span.parts.push((chunk, start..end));
                span.rows += end - start;
                start = end;
                if span.rows == SPAN {
                    let next = Span { first: span.first + SPAN, rows: 0, parts: Vec::new() };
                    spans.push(std::mem::replace(&mut span, next));
                }
            }
        }
        if span.rows > 0 {
            spans.push(span);
        }
        spans
    }
}

impl Span {
    /// All rows of a column.
    #[must_use]
    pub fn whole(column: &TableColumn) -> Self {
        let parts: Vec<_> =
            column.chunks.iter().enumerate().map(|(chunk, array)| (chunk, 0..array.len())).collect();
        Self { first: 0, rows: parts.iter().map(|part| part.1.len()).sum(), parts }
    }

    /// The column's arrays within the span.
    pub fn arrays<'a>(&'a self, column: &'a TableColumn) -> impl Iterator<Item = ArrayRef> + 'a {
        self.parts.iter().map(|(chunk, range)| column.chunks[*chunk].slice(range.start, range.len()))
    }

    /// The chunks that the span touches, each with the rows of it that belong to the span.
    pub fn chunks<'a>(
        &'a self,
        column: &'a TableColumn,
    ) -> impl Iterator<Item = (&'a dyn Array, Range<usize>)> + 'a {
        self.parts.iter().map(|(chunk, range)| (column.chunks[*chunk].as_ref(), range.clone()))
    }
}
