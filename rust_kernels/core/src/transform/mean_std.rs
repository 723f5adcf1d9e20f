//! Mean and standard deviation that neither overflow nor cancel.
//!
//! Values are scaled by a power of two (which is exact) so that the largest lies below 1, summed with Neumaier's
//! compensation, and the deviations are taken from the mean in a second pass.

/// Mean and population standard deviation of the numbers in a column.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Moments {
    /// Arithmetic mean.
    pub mean: f64,
    /// Square root of the mean squared deviation (divided by n, as scikit-learn's scaler does).
    pub std: f64,
    /// How many numbers there were.
    pub count: usize,
}

/// A sum that carries its rounding error along.
#[derive(Debug, Clone, Copy, Default)]
struct Neumaier {
    sum: f64,
    lost: f64,
}

impl Neumaier {
    #[inline]
    fn add(&mut self, x: f64) {
        let total = self.sum + x;
        self.lost += if self.sum.abs() >= x.abs() { (self.sum - total) + x } else { (x - total) + self.sum };
        self.sum = total;
    }

    fn total(self) -> f64 {
        self.sum + self.lost
    }
}

/// Moments of the values that are not NaN; `None` where there are none. Infinite values give a NaN deviation, which
/// callers refuse beforehand. The answer does not depend on how the values are split into slices.
#[must_use]
pub fn mean_std(parts: &[&[f64]]) -> Option<Moments> {
    let numbers = || parts.iter().flat_map(|part| part.iter().copied()).filter(|x| !x.is_nan());
    let (mut largest, mut count) = (0.0_f64, 0_usize);
    for x in numbers() {
        largest = largest.max(x.abs());
        count += 1;
    }
    if count == 0 {
        return None;
    }
    let exponent = exponent(largest);
    let mut sum = Neumaier::default();
    numbers().for_each(|x| sum.add(shift(x, -exponent)));
    let n = count as f64;
    let mean = sum.total() / n;
    let (mut squares, mut rest) = (Neumaier::default(), Neumaier::default());
    for x in numbers() {
        let deviation = shift(x, -exponent) - mean;
        squares.add(deviation * deviation);
        rest.add(deviation);
    }
    // What the rounding of the mean left behind is taken out again.
    let left = rest.total();
    let variance = ((squares.total() - left * left / n) / n).max(0.0);
    Some(Moments { mean: shift(mean + left / n, exponent), std: shift(variance.sqrt(), exponent), count })
}

/// The power of two just above a finite number; 0 for 0.
fn exponent(x: f64) -> i32 {
    if x == 0.0 || !x.is_finite() {
        return 0;
    }
    let stored = ((x.to_bits() >> 52) & 0x7ff) as i32;
    // Subnormal numbers lie below 2^-1022; counting them so is near enough.
    stored.max(1) - 1022
}

/// `x * 2^by`, in two steps since one factor may lie outside the range of floats.
#[inline]
fn shift(x: f64, by: i32) -> f64 {
    let half = by / 2;
    x * power(half) * power(by - half)
}

#[inline]
fn power(exponent: i32) -> f64 {
    f64::from_bits(((exponent + 1023) as u64) << 52)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn large_offsets_do_not_cancel() {
        let found = mean_std(&[&[1e9 + 1.0, 1e9 + 2.0, 1e9 + 3.0]]).unwrap();
        assert!((found.mean - (1e9 + 2.0)).abs() < f64::EPSILON);
        assert!((found.std - (2.0_f64 / 3.0).sqrt()).abs() < 1e-15);
    }

    #[test]
    fn the_largest_floats_do_not_overflow() {
        let found = mean_std(&[&[f64::MAX, -f64::MAX]]).unwrap();
        assert_eq!((found.mean, found.std), (0.0, f64::MAX));
    }

    #[test]
    fn nothing_has_no_mean() {
        assert_eq!(mean_std(&[&[], &[f64::NAN]]), None);
    }

    proptest! {
        #[test]
        fn splitting_changes_nothing(values in prop::collection::vec(-1e6..1e6_f64, 1..60), at in 0..60_usize) {
            let at = at.min(values.len());
            prop_assert_eq!(mean_std(&[&values[..at], &values[at..]]), mean_std(&[&values]));
        }

        #[test]
        fn a_constant_has_no_deviation(value in -1e300..1e300_f64, count in 1..40_usize) {
            let found = mean_std(&[&vec![value; count]]).unwrap();
            prop_assert_eq!((found.mean, found.std), (value, 0.0));
        }
    }
}
