//! Arrow columns as plain vectors: times, values and text, chunks joined.

use std::borrow::Cow;

use arrow_array::cast::AsArray;
use arrow_array::types::{
    Date32Type, Date64Type, DurationMicrosecondType, Float32Type, Float64Type, Int8Type, Int16Type,
    Int32Type, Int64Type, TimestampMicrosecondType, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{Array, ArrayRef};
use arrow_schema::{DataType, TimeUnit};

use super::JoinError;

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

/// A table of Arrow columns of one length.
#[derive(Clone, Debug)]
pub struct Table {
    /// `events` or `rows`, for messages.
    pub label: &'static str,
    /// The columns.
    pub columns: Vec<TableColumn>,
    /// The length of each column.
    pub rows: usize,
}

impl Table {
    /// Finds a column by name.
    pub fn column(&self, name: &str) -> Result<&TableColumn, JoinError> {
        self.columns
            .iter()
            .find(|column| column.name == name)
            .ok_or_else(|| JoinError::UnknownColumn {
                table: self.label,
                seen: name.to_owned(),
                known: self
                    .columns
                    .iter()
                    .map(|column| column.name.as_str())
                    .collect::<Vec<_>>()
                    .join(", "),
            })
    }

    /// Reads a column of times in microseconds; without copying where it is one chunk.
    pub fn times(&self, name: &str) -> Result<Cow<'_, [i64]>, JoinError> {
        let column = self.column(name)?;
        let mut seen = 0;
        for chunk in &column.chunks {
            if let Some(nulls) = chunk.logical_nulls() {
                if let Some(row) = (0..chunk.len()).find(|&row| nulls.is_null(row)) {
                    return Err(JoinError::NullTime {
                        table: self.label,
                        column: name.to_owned(),
                        row: seen + row,
                    });
                }
            }
            seen += chunk.len();
        }
        if let [chunk] = column.chunks.as_slice() {
            return self.time_chunk(column, chunk).map(Cow::Borrowed);
        }
        let mut joined = Vec::with_capacity(self.rows);
        for chunk in &column.chunks {
            joined.extend_from_slice(self.time_chunk(column, chunk)?);
        }
        Ok(Cow::Owned(joined))
    }

    fn time_chunk<'a>(
        &self,
        column: &TableColumn,
        chunk: &'a ArrayRef,
    ) -> Result<&'a [i64], JoinError> {
        match chunk.data_type() {
            DataType::Int64 => Ok(chunk.as_primitive::<Int64Type>().values()),
            DataType::Timestamp(TimeUnit::Microsecond, _) => {
                Ok(chunk.as_primitive::<TimestampMicrosecondType>().values())
            }
            seen => Err(self.wrong_type(column, seen, "a timestamp in microseconds or int64")),
        }
    }

    /// The error of a column whose type does not serve.
    pub fn wrong_type(
        &self,
        column: &TableColumn,
        seen: &DataType,
        expected: &'static str,
    ) -> JoinError {
        JoinError::Type {
            table: self.label,
            column: column.name.clone(),
            seen: seen.to_string(),
            expected,
        }
    }
}

/// Calls `each` with every row's value as a 64-bit integer, if the type has one; returns whether it has.
pub fn for_each_integer(column: &TableColumn, mut each: impl FnMut(Option<i64>)) -> bool {
    macro_rules! primitive {
        ($chunk:expr, $kind:ty) => {{
            let array = $chunk.as_primitive::<$kind>();
            if array.null_count() == 0 {
                array
                    .values()
                    .iter()
                    .for_each(|&value| each(Some(value as i64)));
            } else {
                array
                    .iter()
                    .for_each(|value| each(value.map(|value| value as i64)));
            }
        }};
    }
    for chunk in &column.chunks {
        match chunk.data_type() {
            DataType::Int8 => primitive!(chunk, Int8Type),
            DataType::Int16 => primitive!(chunk, Int16Type),
            DataType::Int32 => primitive!(chunk, Int32Type),
            DataType::Int64 => primitive!(chunk, Int64Type),
            DataType::UInt8 => primitive!(chunk, UInt8Type),
            DataType::UInt16 => primitive!(chunk, UInt16Type),
            DataType::UInt32 => primitive!(chunk, UInt32Type),
            DataType::UInt64 => primitive!(chunk, UInt64Type),
            DataType::Date32 => primitive!(chunk, Date32Type),
            DataType::Date64 => primitive!(chunk, Date64Type),
            DataType::Timestamp(TimeUnit::Microsecond, _) => {
                primitive!(chunk, TimestampMicrosecondType)
            }
            DataType::Duration(TimeUnit::Microsecond) => primitive!(chunk, DurationMicrosecondType),
            DataType::Boolean => chunk
                .as_boolean()
                .iter()
                .for_each(|value| each(value.map(i64::from))),
            _ => return false,
        }
    }
    true
}

/// Calls `each` with every row's value as a float, if the type is one; returns whether it is.
pub fn for_each_float(column: &TableColumn, mut each: impl FnMut(Option<f64>)) -> bool {
    for chunk in &column.chunks {
        match chunk.data_type() {
            DataType::Float32 => chunk
                .as_primitive::<Float32Type>()
                .iter()
                .for_each(|v| each(v.map(f64::from))),
            DataType::Float64 => chunk
                .as_primitive::<Float64Type>()
                .iter()
                .for_each(&mut each),
            _ => return false,
        }
    }
    true
}

/// Calls `each` with every row's text, if the type is text, plain or in a dictionary; returns whether it is.
pub fn for_each_text<'a>(column: &'a TableColumn, mut each: impl FnMut(Option<&'a str>)) -> bool {
    column
        .chunks
        .iter()
        .all(|chunk| text_chunk(chunk.as_ref(), &mut each))
}

fn text_chunk<'a>(chunk: &'a dyn Array, each: &mut impl FnMut(Option<&'a str>)) -> bool {
    let DataType::Dictionary(_, _) = chunk.data_type() else {
        return plain_text(chunk, each);
    };
    let dictionary = chunk.as_any_dictionary();
    let mut words = Vec::with_capacity(dictionary.values().len());
    if !plain_text(dictionary.values().as_ref(), &mut |word| words.push(word)) {
        return false;
    }
    if words.is_empty() {
        (0..chunk.len()).for_each(|_| each(None));
        return true;
    }
    for (row, &key) in dictionary.normalized_keys().iter().enumerate() {
        each(if dictionary.keys().is_null(row) {
            None
        } else {
            words[key]
        });
    }
    true
}

fn plain_text<'a>(chunk: &'a dyn Array, each: &mut impl FnMut(Option<&'a str>)) -> bool {
    match chunk.data_type() {
        DataType::Utf8 => chunk.as_string::<i32>().iter().for_each(each),
        DataType::LargeUtf8 => chunk.as_string::<i64>().iter().for_each(each),
        DataType::Utf8View => chunk.as_string_view().iter().for_each(each),
        _ => return false,
    }
    true
}
