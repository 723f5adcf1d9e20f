//! What can be aggregated: 64-bit integers (also ranks, times and truth values) and floats.

use crate::join::OutputColumn;

/// A value with its sum type: integers add in 128 bits, so that no window of them can overflow on the way.
pub trait Value: Copy + Send + Sync + 'static {
    /// The running sum.
    type Sum: Copy + Send + Sync;
    /// The empty sum.
    const ZERO: Self::Sum;
    /// What an empty state holds in place of a value; never read.
    const NOTHING: Self;
    /// The value as a sum of one.
    fn widen(self) -> Self::Sum;
    /// The sum of two sums.
    fn add(left: Self::Sum, right: Self::Sum) -> Self::Sum;
    /// The smaller of two.
    #[must_use]
    fn smaller(self, other: Self) -> Self;
    /// The larger of two.
    #[must_use]
    fn larger(self, other: Self) -> Self;
    /// The sum as this type; `None` where it does not fit.
    fn narrow(sum: Self::Sum) -> Option<Self>;
    /// The sum divided by a count.
    fn mean(sum: Self::Sum, count: i64) -> f64;
    /// Writes the value into a slot of an output of its kind.
    fn put(self, into: &mut OutputColumn, slot: usize);
}

impl Value for i64 {
    type Sum = i128;
    const ZERO: i128 = 0;
    const NOTHING: i64 = 0;
    fn widen(self) -> i128 {
        i128::from(self)
    }
    fn add(left: i128, right: i128) -> i128 {
        left + right
    }
    fn smaller(self, other: Self) -> Self {
        self.min(other)
    }
    fn larger(self, other: Self) -> Self {
        self.max(other)
    }
    fn narrow(sum: i128) -> Option<i64> {
        i64::try_from(sum).ok()
    }
    fn mean(sum: i128, count: i64) -> f64 {
        sum as f64 / count as f64
    }
    fn put(self, into: &mut OutputColumn, slot: usize) {
        into.put_integer(slot, self);
    }
}

impl Value for f64 {
    type Sum = f64;
    const ZERO: f64 = 0.0;
    const NOTHING: f64 = 0.0;
    fn widen(self) -> f64 {
        self
    }
    fn add(left: f64, right: f64) -> f64 {
        left + right
    }
    // Values are finite and −0.0 was turned into +0.0 when they were read, so a comparison decides.
    fn smaller(self, other: Self) -> Self {
        if other < self { other } else { self }
    }
    fn larger(self, other: Self) -> Self {
        if other > self { other } else { self }
    }
    fn narrow(sum: f64) -> Option<f64> {
        sum.is_finite().then_some(sum)
    }
    fn mean(sum: f64, count: i64) -> f64 {
        sum / count as f64
    }
    fn put(self, into: &mut OutputColumn, slot: usize) {
        into.put_float(slot, self);
    }
}
