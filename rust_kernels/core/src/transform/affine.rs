//! Centring and scaling: `(x - center) / scale`.

/// Centre and scale one number. NaN stays NaN.
#[inline]
#[must_use]
pub fn affine(x: f64, center: f64, scale: f64) -> f64 {
    (x - center) / scale
}

/// Centre and scale a column.
#[must_use]
pub fn affine_column(values: &[f64], center: f64, scale: f64) -> Vec<f64> {
    values.iter().map(|&x| affine(x, center, scale)).collect()
}
