//! One number of several.

use serde::Deserialize;

/// How numbers of a row become one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Combination {
    /// Of those that are there.
    Sum,
    /// Of those that are there.
    Mean,
    /// Of those that are there.
    Min,
    /// Of those that are there.
    Max,
    /// Of those that are there: the root of the mean squared distance from their mean (of the population).
    Std,
    /// Of all; missing where one is.
    Product,
    /// The first without the others; missing where one is.
    Subtract,
    /// The first by the others, one after the other; missing where one is, or is divided by 0.
    Divide,
}

impl Combination {
    /// The number; missing where finite ones make one that no double can hold.
    #[must_use]
    pub fn of(self, values: &[f64]) -> f64 {
        let made = self.value(values);
        let is_beyond = made.is_infinite() && !values.iter().any(|x| x.is_infinite());
        if made.is_nan() || is_beyond { f64::NAN } else { made }
    }

    fn value(self, values: &[f64]) -> f64 {
        let there = || values.iter().copied().filter(|x| !x.is_nan());
        let count = there().count();
        match self {
            Self::Product => values.iter().product(),
            Self::Subtract => fold(values, |one, other| one - other),
            Self::Divide => fold(values, |one, other| if other == 0.0 { f64::NAN } else { one / other }),
            _ if count == 0 => f64::NAN,
            Self::Sum => there().sum(),
            Self::Mean => there().sum::<f64>() / count as f64,
            Self::Min => there().fold(f64::INFINITY, f64::min),
            Self::Max => there().fold(f64::NEG_INFINITY, f64::max),
            Self::Std => {
                let mean = there().sum::<f64>() / count as f64;
                (there().map(|x| (x - mean) * (x - mean)).sum::<f64>() / count as f64).sqrt()
            }
        }
    }
}

fn fold(values: &[f64], f: impl Fn(f64, f64) -> f64) -> f64 {
    values.iter().copied().reduce(f).unwrap_or(f64::NAN)
}

/// By what the numbers of a row are divided, so that a norm of theirs is 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Norm {
    /// The sum of |x|.
    L1,
    /// The root of the sum of x².
    L2,
    /// The greatest |x|.
    Max,
}

impl Norm {
    /// The norm of the numbers that are there; 1 where it is 0, so that zeros stay zeros.
    #[must_use]
    pub fn of(self, values: &[f64]) -> f64 {
        let there = values.iter().copied().filter(|x| !x.is_nan());
        let norm = match self {
            Self::L1 => there.map(f64::abs).sum(),
            Self::L2 => there.map(|x| x * x).sum::<f64>().sqrt(),
            Self::Max => there.map(f64::abs).fold(0.0, f64::max),
        };
        if norm == 0.0 { 1.0 } else { norm }
    }
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "these are exact")]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_left_out_of_sums_and_takes_ratios_with_it() {
        let values = [1.0, f64::NAN, 3.0];
        let of = |combination: Combination| combination.of(&values);
        assert_eq!([of(Combination::Sum), of(Combination::Mean), of(Combination::Std)], [4.0, 2.0, 1.0]);
        assert_eq!([of(Combination::Min), of(Combination::Max)], [1.0, 3.0]);
        assert!(
            [Combination::Product, Combination::Subtract, Combination::Divide]
                .map(of)
                .iter()
                .all(|x| x.is_nan())
        );
        assert!(Combination::Sum.of(&[f64::NAN]).is_nan());
        assert!(Combination::Product.of(&[1e200, 1e200]).is_nan());
        assert!(Combination::Product.of(&[f64::INFINITY, 2.0]).is_infinite());
        assert!(Combination::Divide.of(&[1.0, 0.0]).is_nan());
        assert_eq!(Combination::Divide.of(&[12.0, 3.0, 2.0]), 2.0);
    }

    #[test]
    fn a_norm_of_zeros_is_one() {
        assert_eq!(Norm::L2.of(&[3.0, f64::NAN, -4.0]), 5.0);
        assert_eq!(Norm::L1.of(&[3.0, -4.0]), 7.0);
        assert_eq!(Norm::Max.of(&[0.0]), 1.0);
    }
}
