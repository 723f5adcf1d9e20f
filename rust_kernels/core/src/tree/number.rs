//! The numbers that forests calculate with, and the comparison that comes with each.
//!
//! `XGBoost` holds everything in single precision and goes left where `x < threshold`; `LightGBM` and scikit-learn
//! calculate in double precision and go left where `x <= threshold`.

/// Beyond these, `XGBoost` takes no number for a category: single floats stop counting by ones there.
const MOST_SINGLE: f32 = 16_777_216.0;
/// `LightGBM` casts to a signed integer of 32 bits.
const MOST_DOUBLE: f64 = 2_147_483_648.0;
/// What `LightGBM` takes for zero, a single float of its own.
const ZERO: f32 = 1e-35;

/// A number that a forest compares and adds.
pub trait Number: Copy + std::fmt::Debug + std::ops::AddAssign + Into<f64> {
    /// The number nearest to a double.
    fn of(x: f64) -> Self;
    /// Whether it is missing.
    fn is_missing(self) -> bool;
    /// Whether it goes left of a threshold.
    fn goes_left(self, threshold: Self) -> bool;
    /// The category that it is the code of; `None` where there is no such.
    fn category(self) -> Option<u32>;
    /// Whether it is zero, as far as that framework can tell.
    fn is_zero(self) -> bool;
    /// A place in a list, kept where a threshold or a leaf's value would be.
    fn from_place(place: u32) -> Self;
    /// The place that is kept.
    fn place(self) -> usize;
}

impl Number for f32 {
    fn of(x: f64) -> Self {
        x as Self
    }

    fn is_missing(self) -> bool {
        self.is_nan()
    }

    fn goes_left(self, threshold: Self) -> bool {
        self < threshold
    }

    fn category(self) -> Option<u32> {
        (0.0..MOST_SINGLE).contains(&self).then_some(self as u32)
    }

    fn is_zero(self) -> bool {
        self.abs() <= ZERO
    }

    fn from_place(place: u32) -> Self {
        Self::from_bits(place)
    }

    fn place(self) -> usize {
        self.to_bits() as usize
    }
}

impl Number for f64 {
    fn of(x: f64) -> Self {
        x
    }

    fn is_missing(self) -> bool {
        self.is_nan()
    }

    fn goes_left(self, threshold: Self) -> bool {
        self <= threshold
    }

    fn category(self) -> Option<u32> {
        // What is between −1 and 0 is cut to 0 there.
        (self > -1.0 && self < MOST_DOUBLE).then_some(self as u32)
    }

    fn is_zero(self) -> bool {
        self.abs() <= Self::from(ZERO)
    }

    fn from_place(place: u32) -> Self {
        Self::from_bits(u64::from(place))
    }

    fn place(self) -> usize {
        self.to_bits() as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_threshold_itself_goes_right_in_single_and_left_in_double_precision() {
        assert!(!1.5_f32.goes_left(1.5) && 1.5_f64.goes_left(1.5));
        assert!(!f32::NAN.goes_left(1.0) && !f64::NAN.goes_left(1.0));
    }

    #[test]
    fn categories_are_what_each_framework_casts_to() {
        let single = [-0.0, 0.9, 3.0, -0.5, 1e8, f32::INFINITY, f32::NAN].map(Number::category);
        assert_eq!(single, [Some(0), Some(0), Some(3), None, None, None, None]);
        let double = [-0.5, -1.0, 3.7, 2_147_483_647.5, 1e300, f64::NAN].map(Number::category);
        assert_eq!(double, [Some(0), None, Some(3), Some(2_147_483_647), None, None]);
    }

    #[test]
    fn a_place_comes_back() {
        assert_eq!((f32::from_place(7).place(), f64::from_place(u32::MAX).place()), (7, u32::MAX as usize));
    }
}
