//! Quantiles between the values of a sorted list, interpolated as numpy's default does.

/// The quantile of `count` sorted values, `at` telling the one at a place; `count` is at least 1.
#[must_use]
pub fn interpolate(count: u32, quantile: f64, at: impl Fn(u32) -> f64) -> f64 {
    let place = quantile * f64::from(count - 1);
    let low = (place.floor() as u32).min(count - 1);
    let (left, share) = (at(low), place - f64::from(low));
    if share == 0.0 {
        return left;
    }
    let right = at((low + 1).min(count - 1));
    let gap = right - left;
    if gap.is_infinite() {
        return left * (1.0 - share) + right * share;
    }
    // From the nearer side, so that the result never passes the farther one.
    let between = if share < 0.5 { left + gap * share } else { right - gap * (1.0 - share) };
    // −0.0 would be another key than the 0.0 that all inputs are.
    between + 0.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn it_interpolates_between_neighbours_and_takes_the_ends() {
        let values = [1.0, 2.0, 4.0, 8.0];
        let quantile = |share| interpolate(4, share, |place| values[place as usize]);
        assert_eq!([0.0, 0.5, 1.0].map(|share| quantile(share) as i64), [1, 3, 8]);
        assert!((quantile(0.9) - 6.8).abs() < 1e-12);
        assert_eq!(interpolate(1, 0.3, |_| 7.0).to_bits(), 7.0_f64.to_bits());
        let wide = [f64::MIN, f64::MAX];
        assert_eq!(interpolate(2, 0.5, |place| wide[place as usize]).to_bits(), 0);
    }

    proptest! {
        #[test]
        fn it_lies_between_its_neighbours_and_grows(
            mut values in prop::collection::vec(-1e9..1e9_f64, 1..20), low in 0.0..=1.0_f64, high in 0.0..=1.0_f64,
        ) {
            values.sort_by(f64::total_cmp);
            let quantile = |share| interpolate(values.len() as u32, share, |place| values[place as usize]);
            let (low, high) = (quantile(low.min(high)), quantile(low.max(high)));
            prop_assert!(values[0] <= low && low <= high + 1e-6 && high <= values[values.len() - 1]);
        }
    }
}
