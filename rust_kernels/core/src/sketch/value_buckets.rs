//! Quantiles from counts of values in buckets that are as fine as the values are large.
//!
//! 1. A bucket is a sign, a power of two and the next 6 bits: 64 buckets from one power to the next. A number's bits,
//!    put in order and shifted, are its bucket: no logarithm, and the same on every machine.
//! 2. The state counts values by bucket. Counts add, so that order and grouping do not matter, and can be taken back.
//! 3. A quantile q of n values is the middle of the bucket that holds the one at place ⌊q·(n − 1)⌋, sorted.
//!
//! So an answer is off by at most 1/128 (0.8 %) of that value, for magnitudes from 2.3e-308 on; smaller ones count as
//! about 0. Values over 12 decades fill at most 2 560 buckets of each sign, all doubles 262 thousand.

use std::collections::BTreeMap;

use super::bytes::Reader;
use super::{Sketch, SketchError};
use crate::aggregate::{number_of, order_of};

const SHIFT: u32 = 52 - 6;
const LAYOUT: u8 = 1;

/// The counts by bucket.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ValueBuckets {
    counts: BTreeMap<i64, u64>,
    total: u64,
}

/// The bucket of a finite number; buckets are in the order of the numbers.
#[must_use]
#[inline]
pub fn bucket_of(number: f64) -> i64 {
    order_of(number + 0.0) >> SHIFT
}

/// The number that stands for a bucket.
#[must_use]
pub fn value_of(bucket: i64) -> f64 {
    let middle = number_of(bucket << SHIFT | 1 << (SHIFT - 1));
    if middle.is_normal() { middle } else { 0.0 }
}

impl ValueBuckets {
    /// The quantile, from 0 to 1; `None` where nothing was counted.
    #[must_use]
    pub fn quantile(&self, quantile: f64) -> Option<f64> {
        let place = (quantile * self.total.saturating_sub(1) as f64) as u64;
        let mut before = 0;
        let found = self.counts.iter().find(|(_, count)| {
            before += *count;
            before > place
        });
        found.map(|(bucket, _)| value_of(*bucket))
    }

    /// The state as bytes: its layout, how many buckets, and each bucket with its count.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = vec![LAYOUT];
        bytes.extend((self.counts.len() as u64).to_le_bytes());
        for (bucket, count) in &self.counts {
            bytes.extend(bucket.to_le_bytes());
            bytes.extend(count.to_le_bytes());
        }
        bytes
    }

    /// Reads what `to_bytes` wrote.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, SketchError> {
        let mut reader = Reader::new("ValueBuckets", bytes, LAYOUT)?;
        let mut state = Self::default();
        for _ in 0..reader.number()? {
            let (bucket, count) = (i64::from_le_bytes(reader.array()?), reader.number()?);
            let total = state.total.checked_add(count).filter(|_| count > 0).ok_or(reader.damaged())?;
            let again = state.counts.insert(bucket, count);
            state.total = again.is_none().then_some(total).ok_or(reader.damaged())?;
        }
        reader.end()?;
        Ok(state)
    }
}

impl Sketch for ValueBuckets {
    type Item = f64;

    fn update(&mut self, number: f64) {
        *self.counts.entry(bucket_of(number)).or_default() += 1;
        self.total += 1;
    }

    fn merge(&mut self, other: &Self) {
        for (bucket, count) in &other.counts {
            *self.counts.entry(*bucket).or_default() += count;
        }
        self.total += other.total;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn of(values: &[f64]) -> ValueBuckets {
        let mut state = ValueBuckets::default();
        for value in values {
            state.update(*value);
        }
        state
    }

    fn numbers() -> impl Strategy<Value = Vec<f64>> {
        let any = prop_oneof![prop::num::f64::NORMAL | prop::num::f64::ZERO, -1e3..1e3_f64, Just(7.0)];
        prop::collection::vec(any, 0..60)
    }

    #[test]
    fn extremes_and_zero_are_values_like_others() {
        for value in [f64::MAX, f64::MIN, f64::MIN_POSITIVE, 1.0, -1.0, 0.1] {
            assert!((value_of(bucket_of(value)) / value - 1.0).abs() <= 1.0 / 128.0, "{value}");
        }
        assert_eq!(value_of(bucket_of(0.0)).to_bits(), 0);
        assert_eq!(value_of(bucket_of(-0.0)).to_bits(), 0);
        assert_eq!(of(&[]).quantile(0.5), None);
    }

    #[test]
    fn damaged_bytes_are_refused() {
        let bytes = of(&[1.0, 2.0]).to_bytes();
        let twice = [&bytes[..25], &bytes[9..25]].concat();
        for wrong in [&bytes[..bytes.len() - 1], &[bytes.clone(), vec![0]].concat(), &twice] {
            assert_eq!(ValueBuckets::from_bytes(wrong), Err(SketchError::Damaged("ValueBuckets")));
        }
        assert!(matches!(ValueBuckets::from_bytes(&[2]), Err(SketchError::Layout { seen: 2, .. })));
    }

    proptest! {
        #[test]
        fn a_quantile_is_within_its_bound(mut values in numbers(), quantile in 0.0..=1.0_f64) {
            let state = of(&values);
            values.sort_by(f64::total_cmp);
            if let Some(last) = values.len().checked_sub(1) {
                let exact = values[(quantile * last as f64) as usize];
                let found = state.quantile(quantile).unwrap_or(f64::NAN);
                prop_assert!((found - exact).abs() <= exact.abs() / 128.0, "{} {}", found, exact);
            }
        }

        #[test]
        fn a_merge_is_one_state_of_all(left in numbers(), right in numbers()) {
            let whole = of(&[left.clone(), right.clone()].concat());
            let (mut ab, mut ba) = (of(&left), of(&right));
            ab.merge(&of(&right));
            ba.merge(&of(&left));
            prop_assert_eq!(&ab, &whole);
            prop_assert_eq!(&ba, &whole);
            prop_assert_eq!(ValueBuckets::from_bytes(&ab.to_bytes()), Ok(whole));
        }
    }
}
