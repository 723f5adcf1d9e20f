//! Text kernels over whole Arrow columns, given as chunks. Null stays null.
use arrow_array::{Array, ArrayRef};
use arrow_schema::DataType;
use thiserror::Error;

use super::hashing::Hashing;
use super::sparse::Rows;
use super::vectors::{Vectors, VectorsError, VectorsSpec};
use crate::reader;

/// Why a column of texts cannot be worked on.
#[derive(Debug, Error, PartialEq)]
pub enum TextError {
    /// It is of the wrong type.
    #[error("the column has the type {0}, expected strings")]
    Type(DataType),
    /// Vectors cannot be made of it.
    #[error(transparent)]
    Vectors(#[from] VectorsError),
}

/// The texts of a column.
pub fn texts(chunks: &[ArrayRef]) -> Result<Vec<Option<&str>>, TextError> {
    let odd =
        chunks.iter().map(Array::data_type).find(|seen| **seen != DataType::Null && !reader::is_text(seen));
    if let Some(odd) = odd {
        return Err(TextError::Type(odd.clone()));
    }
    let mut values = vec![None; chunks.iter().map(Array::len).sum()];
    let mut rest = values.as_mut_slice();
    for chunk in chunks {
        let (out, later) = rest.split_at_mut(chunk.len());
        reader::texts(chunk.as_ref(), 0, out);
        rest = later;
    }
    Ok(values)
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
