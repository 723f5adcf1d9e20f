//! Rows of a sparse matrix: in Arrow a list of structs of `index` and `value`, which is compressed sparse rows.
use std::sync::Arc;

use arrow_array::{ArrayRef, Float64Array, LargeListArray, StructArray, UInt32Array};
use arrow_buffer::{NullBuffer, OffsetBuffer, ScalarBuffer};
use arrow_schema::{DataType, Field, Fields};
use serde::Deserialize;

use crate::parallel;

/// What the values of a row are divided by; a row of zeros stays as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RowNorm {
    /// The sum of their absolute values.
    L1,
    /// The root of the sum of their squares.
    L2,
}

impl RowNorm {
    /// Divide the values of one row.
    pub fn apply(self, values: &mut [f64]) {
        let norm = match self {
            Self::L1 => values.iter().map(|x| x.abs()).sum::<f64>(),
            Self::L2 => values.iter().map(|x| x * x).sum::<f64>().sqrt(),
        };
        if norm != 0.0 {
            for value in values {
                *value /= norm;
            }
        }
    }
}

/// Rows of a sparse matrix; a row may be missing.
#[derive(Debug, Default, PartialEq)]
pub struct Rows {
    ends: Vec<usize>,
    missing: Vec<usize>,
    indices: Vec<u32>,
    values: Vec<f64>,
}

impl Rows {
    /// No rows, with room for some.
    #[must_use]
    pub fn with_room(rows: usize, values: usize) -> Self {
        Self {
            ends: Vec::with_capacity(rows),
            missing: Vec::new(),
            indices: Vec::with_capacity(values),
            values: Vec::with_capacity(values),
        }
    }

    /// Add a value to the row that is being written; indices must grow.
    #[inline]
    pub fn push(&mut self, index: u32, value: f64) {
        self.indices.push(index);
        self.values.push(value);
    }

    /// End a row.
    pub fn end_row(&mut self, norm: Option<RowNorm>) {
        if let Some(norm) = norm {
            let start = self.ends.last().copied().unwrap_or(0);
            norm.apply(&mut self.values[start..]);
        }
        self.ends.push(self.values.len());
    }

    /// Add a row that is missing.
    pub fn push_missing(&mut self) {
        self.missing.push(self.ends.len());
        self.ends.push(self.values.len());
    }

    /// All rows of some pieces as one Arrow array.
    #[must_use]
    pub fn into_arrow(pieces: Vec<Self>) -> ArrayRef {
        let all = Self::joined(pieces);
        let nulls = (!all.missing.is_empty()).then(|| {
            let mut valid = vec![true; all.ends.len()];
            all.missing.iter().for_each(|row| valid[*row] = false);
            NullBuffer::from(valid)
        });
        let offsets: Vec<i64> =
            std::iter::once(0).chain(all.ends.into_iter().map(|end| end as i64)).collect();
        let fields = sparse_fields();
        let entries = StructArray::new(
            fields.clone(),
            vec![Arc::new(UInt32Array::from(all.indices)), Arc::new(Float64Array::from(all.values))],
            None,
        );
        let item = Arc::new(Field::new("item", DataType::Struct(fields), true));
        let offsets = OffsetBuffer::new(ScalarBuffer::from(offsets));
        Arc::new(LargeListArray::new(item, offsets, Arc::new(entries), nulls))
    }

    fn joined(mut pieces: Vec<Self>) -> Self {
        if pieces.len() == 1 {
            return pieces.swap_remove(0);
        }
        let (mut ends, mut missing, mut length) = (Vec::new(), Vec::new(), 0);
        for piece in &pieces {
            missing.extend(piece.missing.iter().map(|row| ends.len() + row));
            ends.extend(piece.ends.iter().map(|end| length + end));
            length += piece.values.len();
        }
        let (mut indices, mut values) = (vec![0; length], vec![0.0; length]);
        let (mut free_indices, mut free_values) = (indices.as_mut_slice(), values.as_mut_slice());
        let mut copies = Vec::with_capacity(pieces.len());
        for piece in pieces {
            let (to_indices, rest) = free_indices.split_at_mut(piece.indices.len());
            free_indices = rest;
            let (to_values, rest) = free_values.split_at_mut(piece.values.len());
            free_values = rest;
            copies.push((piece, to_indices, to_values));
        }
        // Fresh memory is slow to touch, so all cores do.
        parallel::map(copies, |(piece, indices, values)| {
            indices.copy_from_slice(&piece.indices);
            values.copy_from_slice(&piece.values);
        });
        Self { ends, missing, indices, values }
    }
}

fn sparse_fields() -> Fields {
    Fields::from(vec![
        Field::new("index", DataType::UInt32, true),
        Field::new("value", DataType::Float64, true),
    ])
}
