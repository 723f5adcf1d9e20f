//! Text and bytes, plain or from a dictionary, row by row.

use arrow_array::cast::AsArray;
use arrow_array::types::{
    Int8Type, Int16Type, Int32Type, Int64Type, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{Array, ArrayAccessor};
use arrow_schema::DataType;

use super::table::{Span, TableColumn};

/// Whether the type is text, plain or from a dictionary.
#[must_use]
pub fn holds_text(data_type: &DataType) -> bool {
    match data_type {
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => true,
        DataType::Dictionary(_, values) => holds_text(values),
        _ => false,
    }
}

/// Whether `for_each_bytes` can read the type: text, or bytes.
#[must_use]
pub fn holds_bytes(data_type: &DataType) -> bool {
    let is_binary = matches!(data_type, DataType::Binary | DataType::LargeBinary | DataType::BinaryView);
    is_binary || holds_text(data_type)
}

/// Calls `each` with every row's bytes or text, plain or from a dictionary.
pub fn for_each_bytes<'a>(column: &'a TableColumn, span: &'a Span, mut each: impl FnMut(Option<&'a [u8]>)) {
    for (array, range) in span.chunks(column) {
        match array.data_type() {
            DataType::Utf8 => plain(&array.as_string::<i32>(), range, &mut each),
            DataType::LargeUtf8 => plain(&array.as_string::<i64>(), range, &mut each),
            DataType::Utf8View => plain(&array.as_string_view(), range, &mut each),
            DataType::Binary => plain(&array.as_binary::<i32>(), range, &mut each),
            DataType::LargeBinary => plain(&array.as_binary::<i64>(), range, &mut each),
            DataType::BinaryView => plain(&array.as_binary_view(), range, &mut each),
            _ => range.for_each(|row| each(bytes(array, row))),
        }
    }
}

fn plain<'a, T: AsRef<[u8]> + ?Sized + 'a>(
    array: &impl ArrayAccessor<Item = &'a T>,
    rows: std::ops::Range<usize>,
    each: &mut impl FnMut(Option<&'a [u8]>),
) {
    for row in rows {
        each((!array.is_null(row)).then(|| array.value(row).as_ref()));
    }
}

/// The bytes or text in one row of a chunk, plain or from a dictionary.
#[must_use]
pub fn bytes(array: &dyn Array, row: usize) -> Option<&[u8]> {
    if array.is_null(row) {
        return None;
    }
    match array.data_type() {
        DataType::Utf8 => Some(array.as_string::<i32>().value(row).as_ref()),
        DataType::LargeUtf8 => Some(array.as_string::<i64>().value(row).as_ref()),
        DataType::Utf8View => Some(array.as_string_view().value(row).as_ref()),
        DataType::Binary => Some(array.as_binary::<i32>().value(row)),
        DataType::LargeBinary => Some(array.as_binary::<i64>().value(row)),
        DataType::BinaryView => Some(array.as_binary_view().value(row)),
        DataType::Dictionary(..) => {
            let dictionary = array.as_any_dictionary();
            let place = integer_at(dictionary.keys(), row);
            bytes(dictionary.values().as_ref(), usize::try_from(place).ok()?)
        }
        _ => None,
    }
}

fn integer_at(keys: &dyn Array, row: usize) -> i64 {
    match keys.data_type() {
        DataType::Int8 => i64::from(keys.as_primitive::<Int8Type>().value(row)),
        DataType::Int16 => i64::from(keys.as_primitive::<Int16Type>().value(row)),
        DataType::Int32 => i64::from(keys.as_primitive::<Int32Type>().value(row)),
        DataType::Int64 => keys.as_primitive::<Int64Type>().value(row),
        DataType::UInt8 => i64::from(keys.as_primitive::<UInt8Type>().value(row)),
        DataType::UInt16 => i64::from(keys.as_primitive::<UInt16Type>().value(row)),
        DataType::UInt32 => i64::from(keys.as_primitive::<UInt32Type>().value(row)),
        _ => keys.as_primitive::<UInt64Type>().value(row) as i64,
    }
}
