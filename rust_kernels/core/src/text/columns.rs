//! Text kernels over whole Arrow columns, given as chunks. Null stays null.
use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_schema::{ArrowError, DataType};
use thiserror::Error;

use super::comparison::Comparison;
use super::function::TextFunction;
use super::hashing::Hashing;
use super::sparse::Rows;
use super::strings;
use super::terms::Analysis;
use super::vectors::{Vectors, VectorsError, VectorsSpec};
use crate::reader;

/// Why a column of texts cannot be worked on.
#[derive(Debug, Error, PartialEq)]
pub enum TextError {
    /// It is of the wrong type.
    #[error("the column has the type {0}, expected strings")]
    Type(DataType),
    /// It is not as long as the one it is compared with.
    #[error("the columns have {0} and {1} rows, expected as many")]
    Lengths(usize, usize),
    /// Vectors cannot be made of it.
    #[error(transparent)]
    Vectors(#[from] VectorsError),
    /// The answer does not fit a column.
    #[error("the answer does not fit a column: {0}")]
    Arrow(String),
}

impl From<ArrowError> for TextError {
    fn from(error: ArrowError) -> Self {
        Self::Arrow(error.to_string())
    }
}

/// The texts of a column.
pub fn texts(chunks: &[ArrayRef]) -> Result<Vec<Option<&str>>, TextError> {
    let odd =
        chunks.iter().map(Array::data_type).find(|seen| **seen != DataType::Null && !reader::is_text(seen));
    if let Some(odd) = odd {
        return Err(TextError::Type(odd.clone()));
    }
    Ok(reader::all_texts(chunks))
}

/// Hashed vectors of a column.
pub fn hashed(chunks: &[ArrayRef], hashing: &Hashing) -> Result<ArrayRef, TextError> {
    Ok(Rows::into_arrow(hashing.vectors(&texts(chunks)?)))
}

/// Learn vectors of a column, and make those of this column.
pub fn learnt(chunks: &[ArrayRef], spec: VectorsSpec) -> Result<(Vectors, ArrayRef), TextError> {
    let (vectors, rows) = Vectors::learn(spec, &texts(chunks)?)?;
    Ok((vectors, Rows::into_arrow(rows)))
}

/// Learnt vectors of a column.
pub fn vectors(chunks: &[ArrayRef], vectors: &Vectors) -> Result<ArrayRef, TextError> {
    Ok(Rows::into_arrow(vectors.vectors(&texts(chunks)?)))
}

/// A function of each text.
pub fn applied(chunks: &[ArrayRef], function: &TextFunction) -> Result<ArrayRef, TextError> {
    Ok(strings::apply(&texts(chunks)?, function)?)
}

/// A number of each pair of texts of two columns.
pub fn compared(
    one: &[ArrayRef],
    other: &[ArrayRef],
    comparison: &Comparison,
) -> Result<ArrayRef, TextError> {
    let (one, other) = (texts(one)?, texts(other)?);
    if one.len() != other.len() {
        return Err(TextError::Lengths(one.len(), other.len()));
    }
    let pairs: Vec<_> = one.into_iter().zip(other).collect();
    Ok(strings::compare(&pairs, comparison))
}

/// Statistics of each text, a column each.
pub fn statistics(chunks: &[ArrayRef]) -> Result<RecordBatch, TextError> {
    Ok(strings::statistics_table(&texts(chunks)?)?)
}

/// The terms of each text as a list.
pub fn lists(chunks: &[ArrayRef], analysis: &Analysis) -> Result<ArrayRef, TextError> {
    Ok(analysis.lists(&texts(chunks)?)?)
}
