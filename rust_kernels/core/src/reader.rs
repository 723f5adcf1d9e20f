//! Reads Arrow arrays of any width as the three kinds the kernels calculate with: numbers, integers and texts.
use arrow_array::cast::AsArray;
use arrow_array::types::{
    ArrowDictionaryKeyType, ArrowPrimitiveType, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type,
    Int64Type, TimestampMicrosecondType, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{Array, ArrayAccessor, ArrayRef, downcast_dictionary_array};
use arrow_buffer::NullBuffer;
use arrow_schema::{DataType, TimeUnit};

/// Whether a column of this type holds integers that fit into 64 signed bits.
#[must_use]
pub fn is_integer(data_type: &DataType) -> bool {
    use DataType as T;
    matches!(data_type, T::Int8 | T::Int16 | T::Int32 | T::Int64 | T::UInt8 | T::UInt16 | T::UInt32)
}

/// Whether a column of this type holds instants in microseconds, which are read as integers.
#[must_use]
pub fn is_instant(data_type: &DataType) -> bool {
    matches!(data_type, DataType::Timestamp(TimeUnit::Microsecond, _))
}

/// Whether a column of this type can be read as numbers; booleans are not numbers here.
#[must_use]
pub fn is_number(data_type: &DataType) -> bool {
    use DataType as T;
    is_integer(data_type) || matches!(data_type, T::Float32 | T::Float64 | T::UInt64)
}

/// Whether a column of this type holds texts, dictionaries of texts included.
#[must_use]
pub fn is_text(data_type: &DataType) -> bool {
    match data_type {
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => true,
        DataType::Dictionary(_, values) => {
            matches!(**values, DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View)
        }
        _ => false,
    }
}

/// Read rows `start..start + out.len()` as 64-bit floats; null and anything that is no number becomes NaN.
/// Booleans are read as 0 and 1.
pub fn numbers(array: &dyn Array, start: usize, out: &mut [f64]) {
    match array.data_type() {
        DataType::Float64 => primitive::<Float64Type>(array, start, out, |x| x),
        DataType::Float32 => primitive::<Float32Type>(array, start, out, f64::from),
        DataType::Int8 => primitive::<Int8Type>(array, start, out, f64::from),
        DataType::Int16 => primitive::<Int16Type>(array, start, out, f64::from),
        DataType::Int32 => primitive::<Int32Type>(array, start, out, f64::from),
        DataType::Int64 => primitive::<Int64Type>(array, start, out, |x| x as f64),
        DataType::UInt8 => primitive::<UInt8Type>(array, start, out, f64::from),
        DataType::UInt16 => primitive::<UInt16Type>(array, start, out, f64::from),
        DataType::UInt32 => primitive::<UInt32Type>(array, start, out, f64::from),
        DataType::UInt64 => primitive::<UInt64Type>(array, start, out, |x| x as f64),
        DataType::Boolean => {
            let array = array.as_boolean();
            for (i, slot) in out.iter_mut().enumerate() {
                let seen = array.is_valid(start + i).then(|| array.value(start + i));
                *slot = seen.map_or(f64::NAN, |b| f64::from(u8::from(b)));
            }
        }
        _ => out.fill(f64::NAN),
    }
}

fn primitive<T: ArrowPrimitiveType>(
    array: &dyn Array,
    start: usize,
    out: &mut [f64],
    convert: impl Fn(T::Native) -> f64,
) {
    let array = array.as_primitive::<T>();
    let values = &array.values()[start..start + out.len()];
    for (slot, value) in out.iter_mut().zip(values) {
        *slot = convert(*value);
    }
    if let Some(nulls) = array.nulls().filter(|nulls| nulls.null_count() > 0) {
        for_each_null(nulls, start, out.len(), |i| out[i] = f64::NAN);
    }
}

/// Calls `null` with the place of each null among rows `start..start + length`, 64 rows at a time.
fn for_each_null(nulls: &NullBuffer, start: usize, length: usize, mut null: impl FnMut(usize)) {
    let valid = nulls.inner().slice(start, length);
    let chunks = valid.bit_chunks();
    let last = (chunks.remainder_bits(), chunks.remainder_len());
    let words = chunks.iter().map(|word| (word, 64)).chain(std::iter::once(last));
    for (place, (word, bits)) in words.enumerate() {
        let mut lacking = !word & u64::MAX.checked_shr(64 - bits as u32).unwrap_or(0);
        while lacking != 0 {
            null(64 * place + lacking.trailing_zeros() as usize);
            lacking &= lacking - 1;
        }
    }
}

/// Read rows as integers; null and anything that is no integer becomes `None`.
pub fn integers(array: &dyn Array, start: usize, out: &mut [Option<i64>]) {
    match array.data_type() {
        DataType::Int8 => integral::<Int8Type>(array, start, out),
        DataType::Int16 => integral::<Int16Type>(array, start, out),
        DataType::Int32 => integral::<Int32Type>(array, start, out),
        DataType::Int64 => integral::<Int64Type>(array, start, out),
        DataType::Timestamp(TimeUnit::Microsecond, _) => {
            integral::<TimestampMicrosecondType>(array, start, out);
        }
        DataType::UInt8 => integral::<UInt8Type>(array, start, out),
        DataType::UInt16 => integral::<UInt16Type>(array, start, out),
        DataType::UInt32 => integral::<UInt32Type>(array, start, out),
        _ => out.fill(None),
    }
}

fn integral<T: ArrowPrimitiveType>(array: &dyn Array, start: usize, out: &mut [Option<i64>])
where
    T::Native: Into<i64>,
{
    let array = array.as_primitive::<T>();
    for (i, slot) in out.iter_mut().enumerate() {
        *slot = array.is_valid(start + i).then(|| array.value(start + i).into());
    }
}

/// Read rows as borrowed texts; null and anything that is no text becomes `None`.
pub fn texts<'a, T: From<&'a str>>(array: &'a dyn Array, start: usize, out: &mut [Option<T>]) {
    match array.data_type() {
        DataType::Utf8 => accessed(array.as_string::<i32>(), start, out),
        DataType::LargeUtf8 => accessed(array.as_string::<i64>(), start, out),
        DataType::Utf8View => accessed(array.as_string_view(), start, out),
        DataType::Dictionary(..) => downcast_dictionary_array! {
            array => encoded(array, start, out),
            _ => out.fill_with(|| None)
        },
        _ => out.fill_with(|| None),
    }
}

/// Read the texts of a whole column, given as chunks.
#[must_use]
pub fn all_texts(chunks: &[ArrayRef]) -> Vec<Option<&str>> {
    let mut values = vec![None; chunks.iter().map(Array::len).sum()];
    let mut rest = values.as_mut_slice();
    for chunk in chunks {
        let (out, later) = rest.split_at_mut(chunk.len());
        texts(chunk.as_ref(), 0, out);
        rest = later;
    }
    values
}

fn accessed<'a, A, T: From<&'a str>>(array: &'a A, start: usize, out: &mut [Option<T>])
where
    &'a A: ArrayAccessor<Item = &'a str>,
{
    for (i, slot) in out.iter_mut().enumerate() {
        *slot = array.is_valid(start + i).then(|| array.value(start + i).into());
    }
}

fn encoded<'a, K: ArrowDictionaryKeyType, T: From<&'a str>>(
    array: &'a arrow_array::DictionaryArray<K>,
    start: usize,
    out: &mut [Option<T>],
) {
    let mut one = [None];
    for (i, slot) in out.iter_mut().enumerate() {
        *slot = array.key(start + i).and_then(|code| {
            texts(array.values().as_ref(), code, &mut one);
            one[0].take()
        });
    }
}

#[cfg(test)]
mod tests {
    use arrow_array::Float64Array;

    use super::*;

    #[test]
    fn nulls_are_where_they_were_in_every_slice() {
        let rows: Vec<Option<f64>> = (0..300)
            .map(|row| (row % 7 != 0 && !(128..200).contains(&row)).then_some(f64::from(row)))
            .collect();
        let array = Float64Array::from(rows.clone()).slice(3, 290);
        for (start, length) in [(0, 290), (0, 0), (1, 63), (5, 64), (61, 65), (100, 190), (289, 1)] {
            let mut seen = vec![0.0; length];
            numbers(&array, start, &mut seen);
            let expected = &rows[3 + start..3 + start + length];
            let same = |(seen, expected): (&f64, &Option<f64>)| match expected {
                Some(value) => seen.to_bits() == value.to_bits(),
                None => seen.is_nan(),
            };
            assert!(seen.iter().zip(expected).all(same), "from {start}, {length} rows");
        }
    }
}
