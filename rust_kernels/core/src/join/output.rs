//! One aggregation's values, first by slot (rows sorted by key), then as an Arrow array in the order of the rows.

use std::sync::Arc;

use arrow_array::builder::LargeStringBuilder;
use arrow_array::types::TimestampMicrosecondType;
use arrow_array::{ArrayRef, BooleanArray, Float64Array, Int64Array, PrimitiveArray};
use arrow_buffer::{BooleanBuffer, NullBuffer, ScalarBuffer};
use arrow_schema::DataType;

/// Values with their validity; integers also carry ranks of text, times and truth values.
#[derive(Clone, Debug)]
pub enum OutputColumn {
    /// 64-bit integers.
    Integers(Vec<i64>, Vec<bool>),
    /// 64-bit floats.
    Floats(Vec<f64>, Vec<bool>),
}

impl OutputColumn {
    /// A column of nulls.
    #[must_use]
    pub fn nulls(floats: bool, length: usize) -> Self {
        let valid = vec![false; length];
        if floats { Self::Floats(vec![0.0; length], valid) } else { Self::Integers(vec![0; length], valid) }
    }

    /// How many values.
    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            Self::Integers(values, _) => values.len(),
            Self::Floats(values, _) => values.len(),
        }
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Sets one integer.
    pub fn put_integer(&mut self, slot: usize, value: i64) {
        if let Self::Integers(values, valid) = self {
            values[slot] = value;
            valid[slot] = true;
        }
    }

    /// Sets one float.
    pub fn put_float(&mut self, slot: usize, value: f64) {
        if let Self::Floats(values, valid) = self {
            values[slot] = value;
            valid[slot] = true;
        }
    }

    /// Copies `part`'s slots to the rows that they belong to.
    pub fn scatter(&mut self, part: &Self, rows: &[u32]) {
        match (self, part) {
            (Self::Integers(into, into_valid), Self::Integers(from, from_valid)) => {
                for (slot, &row) in rows.iter().enumerate() {
                    into[row as usize] = from[slot];
                    into_valid[row as usize] = from_valid[slot];
                }
            }
            (Self::Floats(into, into_valid), Self::Floats(from, from_valid)) => {
                for (slot, &row) in rows.iter().enumerate() {
                    into[row as usize] = from[slot];
                    into_valid[row as usize] = from_valid[slot];
                }
            }
            _ => unreachable!("a part is made with the kind of its whole"),
        }
    }

    /// Makes every row valid except those that `is_null` names: the count of an empty window is 0.
    pub fn zero_unless(&mut self, is_null: impl Fn(usize) -> bool) {
        if let Self::Integers(_, valid) = self {
            for (row, flag) in valid.iter_mut().enumerate() {
                *flag = !is_null(row);
            }
        }
    }

    /// The Arrow array; `words` turns ranks back into text.
    #[must_use]
    pub fn into_array(self, data_type: &DataType, words: Option<&[String]>) -> ArrayRef {
        match self {
            Self::Floats(values, valid) => {
                Arc::new(Float64Array::new(ScalarBuffer::from(values), nulls(valid)))
            }
            Self::Integers(values, valid) => match (data_type, words) {
                (_, Some(words)) => text(&values, &valid, words),
                (DataType::Boolean, _) => {
                    let bits: BooleanBuffer = values.iter().map(|&value| value != 0).collect();
                    Arc::new(BooleanArray::new(bits, nulls(valid)))
                }
                (DataType::Timestamp(_, zone), _) => {
                    let array = PrimitiveArray::<TimestampMicrosecondType>::new(
                        ScalarBuffer::from(values),
                        nulls(valid),
                    );
                    Arc::new(array.with_timezone_opt(zone.clone()))
                }
                _ => Arc::new(Int64Array::new(ScalarBuffer::from(values), nulls(valid))),
            },
        }
    }
}

fn nulls(valid: Vec<bool>) -> Option<NullBuffer> {
    Some(NullBuffer::from(valid)).filter(|nulls| nulls.null_count() > 0)
}

fn text(values: &[i64], valid: &[bool], words: &[String]) -> ArrayRef {
    let mut builder = LargeStringBuilder::new();
    for (&rank, &is_valid) in values.iter().zip(valid) {
        if is_valid { builder.append_value(&words[rank as usize]) } else { builder.append_null() }
    }
    Arc::new(builder.finish())
}
