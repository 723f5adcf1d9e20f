//! Memory of answers that was given back, to be taken again.
//!
//! The operating system hands out pages one by one and clears each: for wide tables that costs as much as answering.
//! A plan therefore keeps what its last answers lay in, up to a bound, and forgets what its next one has no use for.
use std::sync::{Arc, Mutex, PoisonError, Weak};

use arrow_array::Float64Array;
use arrow_buffer::{Buffer, ScalarBuffer, ToByteSlice};

/// As much as is kept at most, in numbers: a quarter of a gigabyte.
const MOST: usize = 1 << 25;
/// Less than this comes quickly from anywhere.
const LEAST: usize = 1 << 13;

/// Memory that nobody uses.
#[derive(Debug, Default)]
pub(super) struct Spare {
    kept: Mutex<Vec<Vec<f64>>>,
}

/// Numbers of an answer, whose memory goes back when the last reader drops them.
#[derive(Debug)]
pub(super) struct Numbers {
    values: Vec<f64>,
    home: Weak<Spare>,
}

impl Spare {
    /// Columns of so many rows each; what they hold is arbitrary and must be written.
    pub(super) fn take(self: &Arc<Self>, columns: usize, rows: usize) -> Vec<Numbers> {
        // What does not fit this answer is dropped, so that one large table does not keep its memory for ever.
        let mut kept = std::mem::take(&mut *self.kept.lock().unwrap_or_else(PoisonError::into_inner));
        kept.retain(|values| values.capacity() >= rows && values.capacity() / 2 <= rows);
        let mut next = || match kept.pop() {
            Some(mut values) => {
                values.resize(rows, 0.0);
                values
            }
            None => vec![0.0; rows],
        };
        (0..columns).map(|_| Numbers { values: next(), home: Arc::downgrade(self) }).collect()
    }

    fn keep(&self, values: Vec<f64>) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let size: usize = kept.iter().map(Vec::capacity).sum();
        if values.capacity() >= LEAST && size + values.capacity() <= MOST {
            kept.push(values);
        }
    }
}

impl Numbers {
    /// All of them, to be written.
    pub(super) fn values(&mut self) -> &mut [f64] {
        &mut self.values
    }

    /// The Arrow array that they become, without a copy.
    pub(super) fn array(self) -> Float64Array {
        let rows = self.values.len();
        let buffer = Buffer::from(bytes::Bytes::from_owner(self));
        Float64Array::new(ScalarBuffer::new(buffer, 0, rows), None)
    }
}

impl AsRef<[u8]> for Numbers {
    fn as_ref(&self) -> &[u8] {
        self.values.to_byte_slice()
    }
}

impl Drop for Numbers {
    fn drop(&mut self) {
        if let Some(home) = self.home.upgrade() {
            home.keep(std::mem::take(&mut self.values));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(spare: &Arc<Spare>, columns: usize, rows: usize, value: f64) -> Vec<Float64Array> {
        let mut taken = spare.take(columns, rows);
        for each in &mut taken {
            each.values().fill(value);
        }
        taken.into_iter().map(Numbers::array).collect()
    }

    fn kept(spare: &Spare) -> usize {
        spare.kept.lock().unwrap().len()
    }

    #[test]
    fn memory_comes_back_once_the_last_reader_is_gone_and_is_not_shared_before() {
        let spare = Arc::new(Spare::default());
        let first = filled(&spare, 2, 2 * LEAST, 1.0);
        let reader = first[0].slice(5, 10);
        drop(first);
        assert_eq!(kept(&spare), 1);
        let second = filled(&spare, 2, 2 * LEAST - 1, 2.0);
        assert_eq!(kept(&spare), 0);
        assert!(reader.values().iter().all(|&x| x.to_bits() == 1.0_f64.to_bits()));
        assert!(
            second.iter().all(|each| each.len() == 2 * LEAST - 1
                && each.value(2 * LEAST - 2).to_bits() == 2.0_f64.to_bits())
        );
        drop((reader, second));
        assert_eq!(kept(&spare), 3);
    }

    #[test]
    fn what_the_next_answer_has_no_use_for_is_forgotten() {
        let spare = Arc::new(Spare::default());
        drop(filled(&spare, 3, 4 * LEAST, 1.0));
        assert_eq!(kept(&spare), 3);
        drop(filled(&spare, 1, LEAST, 1.0));
        assert_eq!(kept(&spare), 1);
        drop(filled(&spare, 5, LEAST / 2 - 1, 1.0));
        assert_eq!(kept(&spare), 0);
    }

    #[test]
    fn no_more_is_kept_than_is_allowed_and_nothing_once_the_plan_is_gone() {
        let spare = Arc::new(Spare::default());
        drop(filled(&spare, 5, MOST / 4, 1.0));
        assert_eq!(kept(&spare), 4);
        let answer = filled(&spare, 1, LEAST, 7.0);
        drop(spare);
        assert_eq!(answer[0].value(LEAST - 1).to_bits(), 7.0_f64.to_bits());
    }

    #[test]
    fn no_rows_are_no_rows() {
        assert_eq!(filled(&Arc::new(Spare::default()), 1, 0, 0.0)[0].len(), 0);
    }
}
