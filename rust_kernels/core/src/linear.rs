//! Linear models: `bias + Σ weight · x`, summed in the order of the inputs.

/// Add one input's share to the running sums of a block.
#[inline]
pub fn add_weighted(sums: &mut [f64], values: &[f64], weight: f64) {
    for (sum, x) in sums.iter_mut().zip(values) {
        *sum += weight * x;
    }
}

/// Add one input's share to sums that are single floats, as `XGBoost` does: a missing value adds nothing, and an
/// infinite one counts as the largest.
#[inline]
pub fn add_weighted_single(sums: &mut [f64], values: &[f64], weight: f32) {
    for (sum, &x) in sums.iter_mut().zip(values) {
        if !x.is_nan() {
            *sum = f64::from(*sum as f32 + (x as f32).clamp(f32::MIN, f32::MAX) * weight);
        }
    }
}

/// Probability of a margin, without overflow for large ones.
#[inline]
#[must_use]
pub fn sigmoid(margin: f64) -> f64 {
    if margin >= 0.0 {
        1.0 / (1.0 + (-margin).exp())
    } else {
        let grown = margin.exp();
        grown / (1.0 + grown)
    }
}

/// Probability of a margin in single precision, operation by operation as `XGBoost` computes it.
#[inline]
#[must_use]
pub fn sigmoid_single(margin: f32) -> f32 {
    // The upper bound keeps `exp` below the largest single float; a NaN passes the comparison and stays.
    let bounded = if 88.7 < -margin { 88.7 } else { -margin };
    1.0 / (bounded.exp() + 1.0 + 1e-16)
}

/// Turn margins into probabilities that sum to 1.
pub fn softmax(margins: &mut [f64]) {
    let largest = margins.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let mut total = 0.0;
    for margin in margins.iter_mut() {
        *margin = (*margin - largest).exp();
        total += *margin;
    }
    for grown in margins {
        *grown /= total;
    }
}

/// Softmax in single precision, operation by operation as `XGBoost` computes it.
pub fn softmax_single(margins: &mut [f32]) {
    let largest = margins.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let mut total = 0.0_f64;
    for margin in margins.iter_mut() {
        *margin = (*margin - largest).exp();
        total += f64::from(*margin);
    }
    for grown in margins {
        *grown /= total as f32;
    }
}

/// Margin of a probability in single precision as `XGBoost` computes it from `base_score`.
#[must_use]
pub fn logit_single(probability: f32) -> f32 {
    -((1.0 / probability - 1.0).ln())
}

/// Natural logarithm in single precision, as `XGBoost` computes it from `base_score`.
#[must_use]
pub fn log_single(mean: f32) -> f32 {
    mean.ln()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn extreme_margins_stay_probabilities() {
        assert_eq!((sigmoid(-1e4), sigmoid(1e4)), (0.0, 1.0));
        assert!(sigmoid(f64::NAN).is_nan());
        assert!(sigmoid_single(1e4) >= 1.0 && sigmoid_single(-1e4) > 0.0);
    }

    proptest! {
        #[test]
        fn precisions_agree(margin in -30.0..30.0_f32) {
            let (single, double) = (f64::from(sigmoid_single(margin)), sigmoid(f64::from(margin)));
            prop_assert!((single - double).abs() <= 1e-6);
        }

        #[test]
        fn probabilities_sum_to_one(mut margins in prop::collection::vec(-800.0..800.0_f64, 1..9)) {
            softmax(&mut margins);
            prop_assert!((margins.iter().sum::<f64>() - 1.0).abs() < 1e-12);
        }
    }
}
