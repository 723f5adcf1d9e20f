//! Rows of a sparse matrix: in Arrow a list of structs of `index` and `value`, which is compressed sparse rows.
use std::sync::Arc;

use arrow_array::{ArrayRef, Float64Array, LargeListArray, StructArray, UInt32Array};
use arrow_buffer::{NullBuffer, OffsetBuffer, ScalarBuffer};
use arrow_schema::{DataType, Field, Fields};
use serde::Deserialize;

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
        let rows = pieces.iter().map(|piece| piece.ends.len()).sum();
        let mut all = Self::with_room(rows, pieces.iter().map(|piece| piece.values.len()).sum());
        for piece in pieces {
            let (row, value) = (all.ends.len(), all.values.len());
            all.ends.extend(piece.ends.iter().map(|end| value + end));
            all.missing.extend(piece.missing.iter().map(|missing| row + missing));
            all.indices.extend_from_slice(&piece.indices);
            all.values.extend_from_slice(&piece.values);
        }
        all
    }
}

fn sparse_fields() -> Fields {
    Fields::from(vec![
        Field::new("index", DataType::UInt32, true),
        Field::new("value", DataType::Float64, true),
    ])
}
