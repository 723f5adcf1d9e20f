//! Arrow columns as plain vectors: times, values and text, chunks joined.

use std::borrow::Cow;

use arrow_array::cast::AsArray;
use arrow_array::types::{
    Date32Type, Date64Type, DurationMicrosecondType, Float32Type, Float64Type, Int8Type, Int16Type,
    Int32Type, Int64Type, TimestampMicrosecondType, UInt8Type, UInt16Type, UInt32Type,
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
        self.columns.iter().find(|column| column.name == name).ok_or_else(|| JoinError::UnknownColumn {
            table: self.label,
            seen: name.to_owned(),
            known: self.columns.iter().map(|column| column.name.as_str()).collect::<Vec<_>>().join(", "),
        })
    }

    /// Reads a column of times in microseconds; without copying where it is one chunk.
    pub fn times(&self, name: &str) -> Result<Cow<'_, [i64]>, JoinError> {
        let column = self.column(name)?;
        let mut seen = 0;
        for chunk in &column.chunks {
            if let Some(nulls) = chunk.logical_nulls()
                && let Some(row) = (0..chunk.len()).find(|&row| nulls.is_null(row))
            {
                let row = seen + row;
                return Err(JoinError::NullTime { table: self.label, column: name.to_owned(), row });
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

    fn time_chunk<'a>(&self, column: &TableColumn, chunk: &'a ArrayRef) -> Result<&'a [i64], JoinError> {
        match chunk.data_type() {
            DataType::Int64 => Ok(chunk.as_primitive::<Int64Type>().values()),
            DataType::Timestamp(TimeUnit::Microsecond, _) => {
                Ok(chunk.as_primitive::<TimestampMicrosecondType>().values())
            }
            seen => Err(self.wrong_type(column, seen, "a timestamp in microseconds or int64")),
        }
    }

    /// The error of a column whose type does not serve.
    #[must_use]
    pub fn wrong_type(&self, column: &TableColumn, seen: &DataType, expected: &'static str) -> JoinError {
        JoinError::Type { table: self.label, column: column.name.clone(), seen: seen.to_string(), expected }
    }
}

/// Dense values of one type; `valid` is there only if some are null.
#[derive(Clone, Debug)]
pub struct Dense<'a, V: Clone> {
    /// One value a row; meaningless where not valid.
    pub values: Cow<'a, [V]>,
    /// Whether each value is one.
    pub valid: Option<Vec<bool>>,
}

impl<V: Copy> Dense<'_, V> {
    /// The value of a row, if it is one.
    #[must_use]
    #[inline]
    pub fn get(&self, row: usize) -> Option<V> {
        match &self.valid {
            Some(valid) if !valid[row] => None,
            _ => Some(self.values[row]),
        }
    }

    /// How many rows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.values.len()
    }
}

/// Reads a column as 64-bit integers, if its type has them; one chunk of such is not copied.
#[must_use]
pub fn integers(column: &TableColumn) -> Option<Dense<'_, i64>> {
    if let [chunk] = column.chunks.as_slice()
        && chunk.null_count() == 0
    {
        match chunk.data_type() {
            DataType::Int64 => return Some(borrowed(chunk.as_primitive::<Int64Type>().values())),
            DataType::Timestamp(TimeUnit::Microsecond, _) => {
                return Some(borrowed(chunk.as_primitive::<TimestampMicrosecondType>().values()));
            }
            _ => {}
        }
    }
    let mut joined = Joined::default();
    column.chunks.iter().all(|chunk| integer_chunk(chunk, &mut joined)).then(|| joined.into_dense())
}

/// Reads a column as floats, if its type is one; one chunk of such is not copied.
#[must_use]
pub fn floats(column: &TableColumn) -> Option<Dense<'_, f64>> {
    if let [chunk] = column.chunks.as_slice()
        && chunk.null_count() == 0
        && *chunk.data_type() == DataType::Float64
    {
        return Some(borrowed(chunk.as_primitive::<Float64Type>().values()));
    }
    let mut joined = Joined::default();
    let read = column.chunks.iter().all(|chunk| match chunk.data_type() {
        DataType::Float32 => {
            joined.extend(chunk.as_primitive::<Float32Type>().iter().map(|v| v.map(f64::from)))
        }
        DataType::Float64 => joined.extend(chunk.as_primitive::<Float64Type>().iter()),
        _ => false,
    });
    read.then(|| joined.into_dense())
}

fn borrowed<V: Clone>(values: &[V]) -> Dense<'_, V> {
    Dense { values: Cow::Borrowed(values), valid: None }
}

fn integer_chunk(chunk: &ArrayRef, joined: &mut Joined<i64>) -> bool {
    macro_rules! primitive {
        ($kind:ty) => {
            joined.extend(chunk.as_primitive::<$kind>().iter().map(|value| value.map(i64::from)))
        };
    }
    match chunk.data_type() {
        DataType::Int8 => primitive!(Int8Type),
        DataType::Int16 => primitive!(Int16Type),
        DataType::Int32 => primitive!(Int32Type),
        DataType::Int64 => primitive!(Int64Type),
        DataType::UInt8 => primitive!(UInt8Type),
        DataType::UInt16 => primitive!(UInt16Type),
        DataType::UInt32 => primitive!(UInt32Type),
        DataType::Date32 => primitive!(Date32Type),
        DataType::Date64 => primitive!(Date64Type),
        DataType::Timestamp(TimeUnit::Microsecond, _) => primitive!(TimestampMicrosecondType),
        DataType::Duration(TimeUnit::Microsecond) => primitive!(DurationMicrosecondType),
        DataType::Boolean => joined.extend(chunk.as_boolean().iter().map(|value| value.map(i64::from))),
        _ => false,
    }
}

/// Values gathered chunk by chunk.
struct Joined<V> {
    values: Vec<V>,
    valid: Vec<bool>,
    nulls: usize,
}

impl<V> Default for Joined<V> {
    fn default() -> Self {
        Self { values: Vec::new(), valid: Vec::new(), nulls: 0 }
    }
}

impl<V: Copy + Default> Joined<V> {
    /// Adds values; returns true so that it can stand in a chain of attempts.
    fn extend(&mut self, values: impl Iterator<Item = Option<V>>) -> bool {
        for value in values {
            self.nulls += usize::from(value.is_none());
            self.valid.push(value.is_some());
            self.values.push(value.unwrap_or_default());
        }
        true
    }

    fn into_dense(self) -> Dense<'static, V> {
        Dense { values: Cow::Owned(self.values), valid: (self.nulls > 0).then_some(self.valid) }
    }
}

/// Calls `each` with every row's text, if the type is text, plain or in a dictionary; returns whether it is.
pub fn for_each_text<'a>(column: &'a TableColumn, mut each: impl FnMut(Option<&'a str>)) -> bool {
    column.chunks.iter().all(|chunk| text_chunk(chunk.as_ref(), &mut each))
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
        each(if dictionary.keys().is_null(row) { None } else { words[key] });
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
