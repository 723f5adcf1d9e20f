//! Floats as integers in the same order.

/// The place of a number among all; NaN and −0.0 have none of their own here.
#[must_use]
#[inline]
pub fn order_of(number: f64) -> i64 {
    flip(number.to_bits() as i64)
}

/// The number at a place.
#[must_use]
#[inline]
pub fn number_of(order: i64) -> f64 {
    f64::from_bits(flip(order) as u64)
}

/// Bits of floats without sign are in order; those of negative ones the other way round.
fn flip(bits: i64) -> i64 {
    bits ^ ((bits >> 63) as u64 >> 1) as i64
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn places_are_ordered_as_numbers_are(left: f64, right: f64) {
            prop_assert_eq!(left.total_cmp(&right), order_of(left).cmp(&order_of(right)));
            prop_assert_eq!(number_of(order_of(left)).to_bits(), left.to_bits());
        }
    }
}
