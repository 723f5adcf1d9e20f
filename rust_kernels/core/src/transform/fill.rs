//! Imputing: what is missing becomes a given value. For numbers, null and NaN are both missing.

/// Replace one missing number.
#[inline]
#[must_use]
pub fn fill(x: f64, value: f64) -> f64 {
    if x.is_nan() { value } else { x }
}

/// Replace the missing numbers of a column whose nulls are NaN.
pub fn fill_column(values: &mut [f64], value: f64) {
    for x in values {
        *x = fill(*x, value);
    }
}
