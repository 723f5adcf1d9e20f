//! Power transforms that make a distribution more like a normal one.
//!
//! Box, Cox: An Analysis of Transformations, 1964. Yeo, Johnson: A New Family of Power Transformations, 2000.

use serde::Deserialize;

/// Below this a λ counts as the one where the formula changes, as in scikit-learn.
const NEAR: f64 = f64::EPSILON;

/// Which transform.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Family {
    /// Of positive numbers.
    BoxCox,
    /// Of all numbers.
    YeoJohnson,
}

/// The transform of a number.
#[must_use]
pub fn power(x: f64, family: Family, lambda: f64) -> f64 {
    match family {
        Family::BoxCox if x <= 0.0 => f64::NAN,
        Family::BoxCox if lambda.abs() < NEAR => x.ln(),
        Family::BoxCox => (lambda * x.ln()).exp_m1() / lambda,
        Family::YeoJohnson if x >= 0.0 => {
            if lambda.abs() < NEAR {
                x.ln_1p()
            } else {
                (lambda * x.ln_1p()).exp_m1() / lambda
            }
        }
        Family::YeoJohnson => {
            if (lambda - 2.0).abs() <= NEAR {
                -(-x).ln_1p()
            } else {
                let other = 2.0 - lambda;
                -(other * (-x).ln_1p()).exp_m1() / other
            }
        }
    }
}
