//! Arrow columns of many types as plain vectors of a few: integers, floats, times.

use arrow_array::Array;
use arrow_array::cast::AsArray;
use arrow_array::types::{
    ArrowPrimitiveType, Date32Type, Date64Type, Decimal32Type, Decimal64Type, Decimal128Type,
    DurationMicrosecondType, DurationMillisecondType, DurationNanosecondType, DurationSecondType,
    Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type, Time32MillisecondType,
    Time32SecondType, Time64MicrosecondType, Time64NanosecondType, TimestampMicrosecondType,
    TimestampMillisecondType, TimestampNanosecondType, TimestampSecondType, UInt8Type, UInt16Type,
    UInt32Type, UInt64Type,
};
use arrow_schema::{DataType, TimeUnit};

use super::JoinError;
use super::table::{Span, Table, TableColumn};

/// Integers with what is missing: `present` is there only where some row is null.
#[derive(Debug, Default)]
pub struct Integers {
    /// A number a row; 0 where it is missing.
    pub values: Vec<i64>,
    /// Whether each row has one; `None` where all have.
    pub present: Option<Vec<bool>>,
}

/// Whether `integers` can read the type.
#[must_use]
pub fn holds_integers(data_type: &DataType) -> bool {
    data_type.is_integer()
        || matches!(
            data_type,
            DataType::Boolean
                | DataType::Date32
                | DataType::Date64
                | DataType::Time32(_)
                | DataType::Time64(_)
                | DataType::Timestamp(..)
                | DataType::Duration(_)
                | DataType::Decimal32(..)
                | DataType::Decimal64(..)
                | DataType::Decimal128(..)
                | DataType::Null
        )
}

/// The first row whose integer is beyond 64 bits, of a column for which `holds_integers`.
#[must_use]
pub fn first_beyond(column: &TableColumn, span: &Span) -> Option<usize> {
    let mut before = 0;
    for array in span.arrays(column) {
        let there = |row: usize| array.is_valid(row);
        let found = match array.data_type() {
            DataType::UInt64 => {
                let values = array.as_primitive::<UInt64Type>().values();
                (0..values.len()).find(|&row| i64::try_from(values[row]).is_err() && there(row))
            }
            DataType::Decimal128(..) => {
                let values = array.as_primitive::<Decimal128Type>().values();
                (0..values.len()).find(|&row| i64::try_from(values[row]).is_err() && there(row))
            }
            _ => None,
        };
        if let Some(row) = found {
            return Some(span.first + before + row);
        }
        before += array.len();
    }
    None
}

/// Reads integers, truth values, dates, times and decimals (without their point) as 64-bit integers of their own unit.
#[must_use]
pub fn integers(column: &TableColumn, span: &Span) -> Integers {
    let mut values = Vec::with_capacity(span.rows);
    let mut present: Option<Vec<bool>> = None;
    for array in span.arrays(column) {
        let before = values.len();
        append(array.as_ref(), &mut values);
        let nulls = array.logical_nulls().filter(|nulls| nulls.null_count() > 0);
        if let Some(nulls) = &nulls {
            present.get_or_insert_with(|| vec![true; before]).extend(nulls.iter());
        } else if let Some(present) = &mut present {
            present.resize(values.len(), true);
        }
    }
    Integers { values, present }
}

fn append(array: &dyn Array, into: &mut Vec<i64>) {
    fn widened<T: ArrowPrimitiveType>(array: &dyn Array, into: &mut Vec<i64>)
    where
        T::Native: Into<i64>,
    {
        into.extend(array.as_primitive::<T>().values().iter().map(|&value| value.into()));
    }
    match array.data_type() {
        DataType::Int8 => widened::<Int8Type>(array, into),
        DataType::Int16 => widened::<Int16Type>(array, into),
        DataType::Int32 => widened::<Int32Type>(array, into),
        DataType::Int64 => into.extend_from_slice(array.as_primitive::<Int64Type>().values()),
        DataType::UInt8 => widened::<UInt8Type>(array, into),
        DataType::UInt16 => widened::<UInt16Type>(array, into),
        DataType::UInt32 => widened::<UInt32Type>(array, into),
        // As a key only its bits count, and as a value its range is checked before.
        DataType::UInt64 => {
            into.extend(array.as_primitive::<UInt64Type>().values().iter().map(|&v| v as i64));
        }
        DataType::Date32 => {
            into.extend(array.as_primitive::<Date32Type>().values().iter().map(|&v| i64::from(v)));
        }
        DataType::Date64 => into.extend_from_slice(array.as_primitive::<Date64Type>().values()),
        DataType::Timestamp(unit, _) => into.extend_from_slice(stamps(array, *unit)),
        DataType::Duration(unit) => into.extend_from_slice(spans(array, *unit)),
        DataType::Time32(TimeUnit::Second) => widened::<Time32SecondType>(array, into),
        DataType::Time32(_) => widened::<Time32MillisecondType>(array, into),
        DataType::Time64(TimeUnit::Microsecond) => widened::<Time64MicrosecondType>(array, into),
        DataType::Time64(_) => widened::<Time64NanosecondType>(array, into),
        DataType::Decimal32(..) => widened::<Decimal32Type>(array, into),
        DataType::Decimal64(..) => widened::<Decimal64Type>(array, into),
        // As a value its range is checked before.
        DataType::Decimal128(..) => {
            into.extend(array.as_primitive::<Decimal128Type>().values().iter().map(|&v| v as i64));
        }
        DataType::Boolean => into.extend(array.as_boolean().values().iter().map(i64::from)),
        _ => into.resize(into.len() + array.len(), 0),
    }
}

fn stamps(array: &dyn Array, unit: TimeUnit) -> &[i64] {
    match unit {
        TimeUnit::Second => array.as_primitive::<TimestampSecondType>().values(),
        TimeUnit::Millisecond => array.as_primitive::<TimestampMillisecondType>().values(),
        TimeUnit::Microsecond => array.as_primitive::<TimestampMicrosecondType>().values(),
        TimeUnit::Nanosecond => array.as_primitive::<TimestampNanosecondType>().values(),
    }
}

fn spans(array: &dyn Array, unit: TimeUnit) -> &[i64] {
    match unit {
        TimeUnit::Second => array.as_primitive::<DurationSecondType>().values(),
        TimeUnit::Millisecond => array.as_primitive::<DurationMillisecondType>().values(),
        TimeUnit::Microsecond => array.as_primitive::<DurationMicrosecondType>().values(),
        TimeUnit::Nanosecond => array.as_primitive::<DurationNanosecondType>().values(),
    }
}

/// Reads times in microseconds; finer ones are floored.
pub fn times(table: &Table, column: &TableColumn, span: &Span) -> Result<Vec<i64>, JoinError> {
    let read = integers(column, span);
    if let Some(row) = read.present.as_ref().and_then(|present| present.iter().position(|there| !there)) {
        let (column, row) = (column.name.clone(), span.first + row);
        return Err(JoinError::NullTime { table: table.label, column, row });
    }
    let mut times = read.values;
    let factor = match column.data_type {
        DataType::Int64 | DataType::Timestamp(TimeUnit::Microsecond, _) | DataType::Null => {
            return Ok(times);
        }
        DataType::Timestamp(TimeUnit::Millisecond, _) => 1_000,
        DataType::Timestamp(TimeUnit::Second, _) => 1_000_000,
        DataType::Timestamp(TimeUnit::Nanosecond, _) => {
            for time in &mut times {
                *time = time.div_euclid(1_000);
            }
            return Ok(times);
        }
        _ => return Err(table.wrong_type(column, "a timestamp, or int64 microseconds")),
    };
    for time in &mut times {
        *time = time.saturating_mul(factor);
    }
    Ok(times)
}

/// Reads microseconds that may be missing.
pub fn instants(table: &Table, column: &TableColumn, span: &Span) -> Result<Vec<Option<i64>>, JoinError> {
    match column.data_type {
        DataType::Int64 | DataType::Timestamp(TimeUnit::Microsecond, _) | DataType::Null => {}
        _ => return Err(table.wrong_type(column, "a timestamp in microseconds, or int64 microseconds")),
    }
    let Integers { values, present } = integers(column, span);
    let Some(present) = present else { return Ok(values.into_iter().map(Some).collect()) };
    Ok(values.into_iter().zip(present).map(|(value, there)| there.then_some(value)).collect())
}

/// Reads floats: null, NaN and ±Inf become NaN, −0.0 becomes +0.0; returns how many were not finite.
#[must_use]
pub fn floats(column: &TableColumn, span: &Span) -> (Vec<f64>, u64) {
    let mut values: Vec<f64> = Vec::with_capacity(span.rows);
    let mut non_finite = 0;
    for array in span.arrays(column) {
        let start = values.len();
        match array.data_type() {
            DataType::Float32 => {
                values.extend(array.as_primitive::<Float32Type>().values().iter().map(|&v| f64::from(v)));
            }
            _ => values.extend_from_slice(array.as_primitive::<Float64Type>().values()),
        }
        let fresh = &mut values[start..];
        if let Some(nulls) = array.nulls().filter(|nulls| nulls.null_count() > 0) {
            non_finite += clean(fresh, |row| nulls.is_valid(row));
        } else {
            non_finite += clean(fresh, |_| true);
        }
    }
    (values, non_finite)
}

/// Reads floats as they are, but for −0.0, NaN of any sign and null.
#[must_use]
pub fn raw_floats(column: &TableColumn, span: &Span) -> Vec<Option<f64>> {
    let mut values = Vec::with_capacity(span.rows);
    for array in span.arrays(column) {
        let tidy = |value: f64| {
            if value.is_nan() { f64::NAN } else { value + 0.0 }
        };
        match array.data_type() {
            DataType::Float32 => {
                values.extend(array.as_primitive::<Float32Type>().iter().map(|v| v.map(|v| tidy(v.into()))));
            }
            _ => values.extend(array.as_primitive::<Float64Type>().iter().map(|v| v.map(tidy))),
        }
    }
    values
}

fn clean(values: &mut [f64], present: impl Fn(usize) -> bool) -> u64 {
    let mut non_finite = 0;
    for (row, value) in values.iter_mut().enumerate() {
        let (there, finite) = (present(row), value.is_finite());
        non_finite += u64::from(there && !finite);
        // Adding +0.0 turns −0.0 into +0.0, so that equal values have equal bits.
        *value = if there && finite { *value + 0.0 } else { f64::NAN };
    }
    non_finite
}
