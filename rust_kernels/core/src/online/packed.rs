//! Streamed rows, each a `MessagePack` array of plain values, as Arrow columns.
//!
//! 1. Each wanted column has a place in the rows; what lies at other places is skipped, whatever it is.
//! 2. Values go to the builder of their column: integers for times and dates, text, numbers, truths, nil for null.

use std::sync::Arc;

use arrow_array::builder::{ArrayBuilder, StringViewBuilder};
use arrow_array::builder::{BooleanBuilder, Float32Builder, Float64Builder, Int32Builder, Int64Builder};
use arrow_array::cast::AsArray;
use arrow_array::types::{Int32Type, Int64Type};
use arrow_array::{ArrayRef, Date32Array, TimestampMicrosecondArray};
use arrow_schema::{DataType, TimeUnit};
use rmp::Marker;
use rmp::decode::{read_array_len, read_f32, read_f64, read_int, read_marker, read_str_from_slice};
use thiserror::Error;

/// Why a streamed row cannot become columns.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum PackedError {
    /// A type that streamed rows do not have.
    #[error("streamed rows have no {0}")]
    Type(String),
    /// Bytes that are no such row.
    #[error("streamed row {row} holds something else at place {place}; expected {expected}")]
    Value {
        /// The row's number.
        row: usize,
        /// The place in it.
        place: usize,
        /// The type of the column.
        expected: String,
    },
}

/// A column's builder.
enum Builder {
    Int32(Int32Builder),
    Int64(Int64Builder),
    Float32(Float32Builder),
    Float64(Float64Builder),
    Boolean(BooleanBuilder),
    Text(StringViewBuilder),
}

/// Makes a column of each (place, type), in their order.
pub fn unpack(rows: &[&[u8]], wanted: &[(usize, &DataType)]) -> Result<Vec<ArrayRef>, PackedError> {
    let mut builders = wanted.iter().map(|(_, kind)| Builder::of(kind)).collect::<Result<Vec<_>, _>>()?;
    let length = wanted.iter().map(|(place, _)| place + 1).max().unwrap_or(0);
    let mut columns = vec![None; length];
    for (column, (place, _)) in wanted.iter().enumerate() {
        columns[*place] = Some(column);
    }
    for (row, packed) in rows.iter().enumerate() {
        let mut rest: &[u8] = packed;
        let there = read_array_len(&mut rest).ok().filter(|there| *there as usize >= length);
        let other = |place: usize| {
            let kind = columns[place].map_or(String::new(), |column| wanted[column].1.to_string());
            PackedError::Value { row, place, expected: kind }
        };
        there.ok_or_else(|| other(length.saturating_sub(1)))?;
        for (place, column) in columns.iter().enumerate() {
            let read = match column {
                Some(column) => builders[*column].read(&mut rest),
                None => skip(&mut rest),
            };
            read.ok_or_else(|| other(place))?;
        }
    }
    Ok(builders.iter_mut().zip(wanted).map(|(builder, (_, kind))| builder.array(kind)).collect())
}

impl Builder {
    fn of(kind: &DataType) -> Result<Self, PackedError> {
        Ok(match kind {
            DataType::Int32 | DataType::Date32 => Self::Int32(Int32Builder::new()),
            DataType::Int64 | DataType::Timestamp(TimeUnit::Microsecond, _) => {
                Self::Int64(Int64Builder::new())
            }
            DataType::Float32 => Self::Float32(Float32Builder::new()),
            DataType::Float64 => Self::Float64(Float64Builder::new()),
            DataType::Boolean => Self::Boolean(BooleanBuilder::new()),
            DataType::Utf8View => Self::Text(StringViewBuilder::new()),
            other => return Err(PackedError::Type(other.to_string())),
        })
    }

    /// Takes the next value; `None` where it is of another type.
    fn read(&mut self, rest: &mut &[u8]) -> Option<()> {
        let is_null = *rest.first()? == Marker::Null.to_u8();
        if is_null {
            *rest = &rest[1..];
        }
        match self {
            Self::Int32(to) => to.append_option(if is_null { None } else { Some(read_int(rest).ok()?) }),
            Self::Int64(to) => to.append_option(if is_null { None } else { Some(read_int(rest).ok()?) }),
            Self::Float32(to) => to.append_option(if is_null { None } else { Some(narrow(float(rest)?)) }),
            Self::Float64(to) => to.append_option(if is_null { None } else { Some(float(rest)?) }),
            Self::Boolean(to) => to.append_option(if is_null { None } else { Some(truth(rest)?) }),
            Self::Text(to) if is_null => to.append_null(),
            Self::Text(to) => {
                let (text, after) = read_str_from_slice(*rest).ok()?;
                to.append_value(text);
                *rest = after;
            }
        }
        Some(())
    }

    fn array(&mut self, kind: &DataType) -> ArrayRef {
        let made: ArrayRef = match self {
            Self::Int32(made) => ArrayBuilder::finish(made),
            Self::Int64(made) => ArrayBuilder::finish(made),
            Self::Float32(made) => ArrayBuilder::finish(made),
            Self::Float64(made) => ArrayBuilder::finish(made),
            Self::Boolean(made) => ArrayBuilder::finish(made),
            Self::Text(made) => ArrayBuilder::finish(made),
        };
        match kind {
            DataType::Date32 => {
                let days: Date32Array = made.as_primitive::<Int32Type>().reinterpret_cast();
                Arc::new(days)
            }
            DataType::Timestamp(_, zone) => {
                let times: TimestampMicrosecondArray = made.as_primitive::<Int64Type>().reinterpret_cast();
                Arc::new(times.with_timezone_opt(zone.clone()))
            }
            _ => made,
        }
    }
}

fn float(rest: &mut &[u8]) -> Option<f64> {
    if *rest.first()? == Marker::F32.to_u8() {
        return read_f32(rest).ok().map(f64::from);
    }
    read_f64(rest).ok()
}

#[expect(clippy::cast_possible_truncation, reason = "what is packed was a Float32 before")]
fn narrow(wide: f64) -> f32 {
    wide as f32
}

fn truth(rest: &mut &[u8]) -> Option<bool> {
    match read_marker(rest).ok()? {
        Marker::True => Some(true),
        Marker::False => Some(false),
        _ => None,
    }
}

/// Passes over one value, and over all within it.
fn skip(rest: &mut &[u8]) -> Option<()> {
    let mut left = 1_usize;
    while left > 0 {
        left -= 1;
        let (bytes, inner) = match read_marker(rest).ok()? {
            Marker::Null | Marker::True | Marker::False | Marker::FixPos(_) | Marker::FixNeg(_) => (0, 0),
            Marker::U8 | Marker::I8 => (1, 0),
            Marker::U16 | Marker::I16 | Marker::FixExt1 => (2, 0),
            Marker::FixExt2 => (3, 0),
            Marker::U32 | Marker::I32 | Marker::F32 => (4, 0),
            Marker::FixExt4 => (5, 0),
            Marker::U64 | Marker::I64 | Marker::F64 => (8, 0),
            Marker::FixExt8 => (9, 0),
            Marker::FixExt16 => (17, 0),
            Marker::FixStr(length) => (usize::from(length), 0),
            Marker::Str8 | Marker::Bin8 => (size(rest, 1)?, 0),
            Marker::Str16 | Marker::Bin16 => (size(rest, 2)?, 0),
            Marker::Str32 | Marker::Bin32 => (size(rest, 4)?, 0),
            Marker::Ext8 => (size(rest, 1)? + 1, 0),
            Marker::Ext16 => (size(rest, 2)? + 1, 0),
            Marker::Ext32 => (size(rest, 4)? + 1, 0),
            Marker::FixArray(length) => (0, usize::from(length)),
            Marker::Array16 => (0, size(rest, 2)?),
            Marker::Array32 => (0, size(rest, 4)?),
            Marker::FixMap(length) => (0, 2 * usize::from(length)),
            Marker::Map16 => (0, 2 * size(rest, 2)?),
            Marker::Map32 => (0, 2 * size(rest, 4)?),
            Marker::Reserved => return None,
        };
        *rest = rest.get(bytes..)?;
        left = left.checked_add(inner)?;
    }
    Some(())
}

/// A length of so many bytes, the highest first.
fn size(rest: &mut &[u8], bytes: usize) -> Option<usize> {
    let (head, after) = rest.split_at_checked(bytes)?;
    *rest = after;
    Some(head.iter().fold(0, |length, byte| length << 8 | usize::from(*byte)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rmp::encode;

    fn write_any(to: &mut Vec<u8>, kind: u8) {
        match kind % 8 {
            0 => encode::write_nil(to).unwrap(),
            1 => {
                encode::write_array_len(to, 2).unwrap();
                write_any(to, kind / 8);
                write_any(to, kind / 7);
            }
            2 => encode::write_str(to, &"x".repeat(usize::from(kind) * 3)).unwrap(),
            3 => encode::write_bin(to, &vec![7; usize::from(kind) * 3]).unwrap(),
            4 => {
                encode::write_map_len(to, 1).unwrap();
                encode::write_str(to, "key").unwrap();
                write_any(to, kind / 8);
            }
            5 => encode::write_f64(to, -0.5).unwrap(),
            6 => {
                encode::write_sint(to, -(1 << (kind / 6))).unwrap();
            }
            _ => encode::write_bool(to, true).unwrap(),
        }
    }

    proptest! {
        #[test]
        fn what_was_packed_comes_back_whatever_lies_between(
            rows in prop::collection::vec(
                (any::<u8>(), prop::option::of(any::<i64>()), any::<u8>(), prop::option::of("[a-zß😀]{0,40}"),
                 prop::option::of(any::<i32>()), prop::option::of(any::<f64>()), prop::option::of(any::<bool>())),
                0..20,
            ),
        ) {
            let mut packed = Vec::new();
            for (first, number, between, text, day, float, truth) in &rows {
                let mut to = Vec::new();
                encode::write_array_len(&mut to, 7).unwrap();
                write_any(&mut to, *first);
                match number { Some(n) => { encode::write_sint(&mut to, *n).unwrap(); } None => encode::write_nil(&mut to).unwrap() }
                write_any(&mut to, *between);
                match text { Some(t) => encode::write_str(&mut to, t).unwrap(), None => encode::write_nil(&mut to).unwrap() }
                match day { Some(n) => { encode::write_sint(&mut to, i64::from(*n)).unwrap(); } None => encode::write_nil(&mut to).unwrap() }
                match float { Some(n) => encode::write_f64(&mut to, *n).unwrap(), None => encode::write_nil(&mut to).unwrap() }
                match truth { Some(n) => encode::write_bool(&mut to, *n).unwrap(), None => encode::write_nil(&mut to).unwrap() }
                packed.push(to);
            }
            let rows_: Vec<&[u8]> = packed.iter().map(Vec::as_slice).collect();
            let time = DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()));
            let wanted = [(3, &DataType::Utf8View), (1, &time), (4, &DataType::Date32), (5, &DataType::Float64), (6, &DataType::Boolean)];
            let made = unpack(&rows_, &wanted).unwrap();
            for (array, (_, kind)) in made.iter().zip(wanted) { prop_assert_eq!(array.data_type(), kind); }
            let texts: Vec<_> = made[0].as_string_view().iter().map(|t| t.map(str::to_owned)).collect();
            prop_assert_eq!(texts, rows.iter().map(|r| r.3.clone()).collect::<Vec<_>>());
            let times: Vec<_> = made[1].as_primitive::<arrow_array::types::TimestampMicrosecondType>().iter().collect();
            prop_assert_eq!(times, rows.iter().map(|r| r.1).collect::<Vec<_>>());
            let days: Vec<_> = made[2].as_any().downcast_ref::<Date32Array>().unwrap().iter().collect();
            prop_assert_eq!(days, rows.iter().map(|r| r.4).collect::<Vec<_>>());
            let floats: Vec<_> = made[3].as_primitive::<arrow_array::types::Float64Type>().iter().map(|f| f.map(f64::to_bits)).collect();
            prop_assert_eq!(floats, rows.iter().map(|r| r.5.map(f64::to_bits)).collect::<Vec<_>>());
            let truths: Vec<_> = made[4].as_boolean().iter().collect();
            prop_assert_eq!(truths, rows.iter().map(|r| r.6).collect::<Vec<_>>());
        }

        #[test]
        fn bytes_of_any_kind_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..60)) {
            let wanted = [(0, &DataType::Int64), (2, &DataType::Utf8View)];
            let _ = unpack(&[&bytes], &wanted);
        }
    }

    #[test]
    fn another_type_is_refused_by_its_place() {
        let mut row = Vec::new();
        encode::write_array_len(&mut row, 2).unwrap();
        encode::write_str(&mut row, "x").unwrap();
        encode::write_str(&mut row, "y").unwrap();
        let refused = unpack(&[&row], &[(1, &DataType::Int64)]).unwrap_err();
        assert_eq!(refused.to_string(), "streamed row 0 holds something else at place 1; expected Int64");
        let short = unpack(&[&row], &[(2, &DataType::Int64)]).unwrap_err();
        assert_eq!(short, PackedError::Value { row: 0, place: 2, expected: "Int64".to_owned() });
        assert!(unpack(&[], &[(0, &DataType::Null)]).is_err());
    }
}
