//! Ordinal encoding: a value becomes its place in the list of categories.

/// The code of a place; a value that is no category becomes `unknown`, NaN where that is missing.
#[inline]
#[must_use]
pub fn index(place: Option<u32>, unknown: Option<f64>) -> f64 {
    place.map_or(unknown.unwrap_or(f64::NAN), f64::from)
}
