//! Columns as packed rows: each a `MessagePack` array of plain values, as `online::unpack` reads them.

use arrow_array::cast::AsArray;
use arrow_array::types::{
    ArrowPrimitiveType, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type, UInt8Type,
    UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{Array, ArrayRef};
use arrow_schema::DataType;
use rmp::encode::{write_array_len, write_bool, write_f64, write_nil, write_sint, write_str, write_uint};
use thiserror::Error;

/// A type that is not packed here.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("rows of {0} are not packed here")]
pub struct PackError(pub String);

type Write<'a> = Box<dyn Fn(usize, &mut Vec<u8>) + 'a>;

/// Packs rows one after another, and tells where each ends.
pub fn pack_rows(columns: &[ArrayRef], rows: usize) -> Result<(Vec<u8>, Vec<usize>), PackError> {
    let writers = columns.iter().map(|column| writer(column.as_ref())).collect::<Result<Vec<_>, _>>()?;
    let (mut packed, mut ends) = (Vec::with_capacity(rows * 16), Vec::with_capacity(rows));
    for row in 0..rows {
        // Writing to memory cannot fail, here and below.
        let _ = write_array_len(&mut packed, columns.len() as u32);
        for (column, write) in columns.iter().zip(&writers) {
            if column.is_null(row) {
                let _ = write_nil(&mut packed);
            } else {
                write(row, &mut packed);
            }
        }
        ends.push(packed.len());
    }
    Ok((packed, ends))
}

fn writer(column: &dyn Array) -> Result<Write<'_>, PackError> {
    Ok(match column.data_type() {
        DataType::Null => Box::new(|_, _| ()),
        DataType::Boolean => {
            let column = column.as_boolean();
            Box::new(|row, to| drop(write_bool(to, column.value(row))))
        }
        DataType::Int8 => signed::<Int8Type>(column),
        DataType::Int16 => signed::<Int16Type>(column),
        DataType::Int32 => signed::<Int32Type>(column),
        DataType::Int64 => signed::<Int64Type>(column),
        DataType::UInt8 => unsigned::<UInt8Type>(column),
        DataType::UInt16 => unsigned::<UInt16Type>(column),
        DataType::UInt32 => unsigned::<UInt32Type>(column),
        DataType::UInt64 => unsigned::<UInt64Type>(column),
        DataType::Float32 => float::<Float32Type>(column),
        DataType::Float64 => float::<Float64Type>(column),
        DataType::Utf8 => {
            let column = column.as_string::<i32>();
            Box::new(|row, to| drop(write_str(to, column.value(row))))
        }
        DataType::LargeUtf8 => {
            let column = column.as_string::<i64>();
            Box::new(|row, to| drop(write_str(to, column.value(row))))
        }
        DataType::Utf8View => {
            let column = column.as_string_view();
            Box::new(|row, to| drop(write_str(to, column.value(row))))
        }
        other => return Err(PackError(other.to_string())),
    })
}

fn signed<T: ArrowPrimitiveType<Native: Into<i64>>>(column: &dyn Array) -> Write<'_> {
    let column = column.as_primitive::<T>();
    Box::new(|row, to| drop(write_sint(to, column.value(row).into())))
}

fn unsigned<T: ArrowPrimitiveType<Native: Into<u64>>>(column: &dyn Array) -> Write<'_> {
    let column = column.as_primitive::<T>();
    Box::new(|row, to| drop(write_uint(to, column.value(row).into())))
}

fn float<T: ArrowPrimitiveType<Native: Into<f64>>>(column: &dyn Array) -> Write<'_> {
    let column = column.as_primitive::<T>();
    Box::new(|row, to| drop(write_f64(to, column.value(row).into())))
}
