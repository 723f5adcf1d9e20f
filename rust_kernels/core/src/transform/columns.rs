//! The transforms over whole Arrow columns, given as chunks: what a pipeline calls while it is fitted.
//!
//! Null stays null and NaN stays NaN, except where a transform is there to replace them.
use std::sync::Arc;

use arrow_array::{Array, ArrayRef, Float64Array, Int64Array, LargeStringArray, RecordBatch, UInt8Array};
use arrow_buffer::{BooleanBufferBuilder, NullBuffer};
use arrow_schema::{DataType, Field, Schema};
use thiserror::Error;

use super::affine::affine_column;
use super::categories::{Categories, Category};
use super::fill::fill_column;
use super::hash::{hash_integer, hash_text};
use super::mean_std::{Moments, mean_std};
use super::one_hot::one_hot;
use crate::reader;

/// Why a column cannot be transformed.
#[derive(Debug, Error, PartialEq)]
pub enum ColumnError {
    /// It is of the wrong type.
    #[error("the column has the type {seen}, expected {expected}")]
    Type {
        /// Its type.
        seen: DataType,
        /// What the transform takes.
        expected: &'static str,
    },
    /// It holds a number without mean.
    #[error("row {row} is {seen}; a mean needs finite numbers, null or NaN")]
    Infinite {
        /// Which row, from 0.
        row: usize,
        /// Its value.
        seen: f64,
    },
    /// There must be a bucket.
    #[error("there are 0 buckets, expected at least 1")]
    NoBuckets,
}

fn length(chunks: &[ArrayRef]) -> usize {
    chunks.iter().map(Array::len).sum()
}

fn expect(
    chunks: &[ArrayRef],
    expected: &'static str,
    fits: impl Fn(&DataType) -> bool,
) -> Result<(), ColumnError> {
    let odd = chunks.iter().map(Array::data_type).find(|seen| **seen != DataType::Null && !fits(seen));
    odd.map_or(Ok(()), |seen| Err(ColumnError::Type { seen: seen.clone(), expected }))
}

fn numbers(chunks: &[ArrayRef]) -> Result<Vec<f64>, ColumnError> {
    expect(chunks, "numbers", |seen| reader::is_number(seen) || *seen == DataType::Boolean)?;
    let mut values = vec![0.0; length(chunks)];
    let mut rest = values.as_mut_slice();
    for chunk in chunks {
        let (out, later) = rest.split_at_mut(chunk.len());
        reader::numbers(chunk.as_ref(), 0, out);
        rest = later;
    }
    Ok(values)
}

fn nulls(chunks: &[ArrayRef]) -> Option<NullBuffer> {
    if chunks.iter().all(|chunk| chunk.logical_null_count() == 0) {
        return None;
    }
    let mut valid = BooleanBufferBuilder::new(length(chunks));
    for chunk in chunks {
        match chunk.logical_nulls() {
            Some(nulls) => valid.append_buffer(nulls.inner()),
            None => valid.append_n(chunk.len(), true),
        }
    }
    Some(NullBuffer::new(valid.finish()))
}

fn texts(chunks: &[ArrayRef]) -> Result<Vec<Option<&str>>, ColumnError> {
    expect(chunks, "strings", reader::is_text)?;
    Ok(reader::all_texts(chunks))
}

/// Mean and population standard deviation of what is neither null nor NaN; `None` where nothing is.
pub fn moments(chunks: &[ArrayRef]) -> Result<Option<Moments>, ColumnError> {
    let values = numbers(chunks)?;
    if let Some(row) = values.iter().position(|x| x.is_infinite()) {
        return Err(ColumnError::Infinite { row, seen: values[row] });
    }
    Ok(mean_std(&[&values]))
}

/// Replace null and NaN by a number. The answer has no nulls.
pub fn fill_numbers(chunks: &[ArrayRef], value: f64) -> Result<ArrayRef, ColumnError> {
    let mut values = numbers(chunks)?;
    fill_column(&mut values, value);
    Ok(Arc::new(Float64Array::from(values)))
}

/// Replace null by a text. The answer has no nulls.
pub fn fill_texts(chunks: &[ArrayRef], value: &str) -> Result<ArrayRef, ColumnError> {
    let filled = texts(chunks)?.into_iter().map(|seen| seen.unwrap_or(value));
    Ok(Arc::new(LargeStringArray::from_iter_values(filled)))
}

/// `(x - center) / scale`.
pub fn affine(chunks: &[ArrayRef], center: f64, scale: f64) -> Result<ArrayRef, ColumnError> {
    let values = affine_column(&numbers(chunks)?, center, scale);
    Ok(Arc::new(Float64Array::new(values.into(), nulls(chunks))))
}

/// Place of each value among the categories, `None` where it is none of them.
fn places(chunks: &[ArrayRef], categories: &Categories) -> Result<Vec<Option<u32>>, ColumnError> {
    let mut found = Vec::with_capacity(length(chunks));
    for chunk in chunks {
        let chunk = std::slice::from_ref(chunk);
        if chunk[0].data_type() == &DataType::Null || reader::is_text(chunk[0].data_type()) {
            found.extend(texts(chunk)?.into_iter().map(|seen| categories.text(seen)));
        } else if reader::is_integer(chunk[0].data_type()) {
            let mut values = vec![None; chunk[0].len()];
            reader::integers(chunk[0].as_ref(), 0, &mut values);
            found.extend(values.into_iter().map(|seen| categories.integer(seen)));
        } else {
            expect(chunk, "strings, integers, numbers or booleans", |seen| {
                reader::is_number(seen) || *seen == DataType::Boolean
            })?;
            found.extend(numbers(chunk)?.into_iter().map(|seen| categories.number(seen)));
        }
    }
    Ok(found)
}

/// One column of 0 and 1 per category, named by its place in the list (a category may be any text, and Arrow's
/// names may not).
pub fn one_hot_columns(chunks: &[ArrayRef], categories: &[Category]) -> Result<RecordBatch, ColumnError> {
    let rows = length(chunks);
    let found = places(chunks, &Categories::new(categories))?;
    let mut marks = vec![0_u8; categories.len() * rows];
    one_hot(found.into_iter(), rows, &mut marks);
    let fields: Vec<Field> =
        (0..categories.len()).map(|at| Field::new(at.to_string(), DataType::UInt8, false)).collect();
    // All columns are slices of one buffer.
    let marks = UInt8Array::from(marks);
    let columns = (0..categories.len()).map(|at| Arc::new(marks.slice(at * rows, rows)) as ArrayRef);
    let options = arrow_array::RecordBatchOptions::new().with_row_count(Some(rows));
    Ok(RecordBatch::try_new_with_options(Arc::new(Schema::new(fields)), columns.collect(), &options)
        .unwrap_or_else(|_| unreachable!("every column was made with these rows and this type")))
}

/// Place of each value among the categories; what is no category becomes `unknown`, null where that is missing.
pub fn index_codes(
    chunks: &[ArrayRef],
    categories: &[Category],
    unknown: Option<i64>,
) -> Result<ArrayRef, ColumnError> {
    let found = places(chunks, &Categories::new(categories))?;
    let codes: Int64Array = found.into_iter().map(|place| place.map(i64::from).or(unknown)).collect();
    Ok(Arc::new(codes))
}

/// Bucket of each text or integer; null stays null.
pub fn hash_buckets(chunks: &[ArrayRef], buckets: u64, seed: u64) -> Result<ArrayRef, ColumnError> {
    if buckets == 0 {
        return Err(ColumnError::NoBuckets);
    }
    let mut found: Vec<Option<i64>> = Vec::with_capacity(length(chunks));
    for chunk in chunks {
        if reader::is_integer(chunk.data_type()) {
            let mut values = vec![None; chunk.len()];
            reader::integers(chunk.as_ref(), 0, &mut values);
            found.extend(values.into_iter().map(|seen| seen.map(|x| hash_integer(x, buckets, seed) as i64)));
        } else {
            let chunk = std::slice::from_ref(chunk);
            expect(chunk, "strings or integers", reader::is_text)?;
            let hashed =
                texts(chunk)?.into_iter().map(|seen| seen.map(|x| hash_text(x, buckets, seed) as i64));
            found.extend(hashed);
        }
    }
    Ok(Arc::new(Int64Array::from(found)))
}
