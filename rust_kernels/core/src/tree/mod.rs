//! Forests of regression trees, evaluated exactly as the frameworks that grew them do.
//!
//! `number` says how each compares, `node` which way a row goes, `layout` walks the trees. Leaves are added in the order
//! of the trees and in the framework's own precision, so that a margin is bit for bit the framework's.
mod layout;
mod node;
mod number;
mod path;
mod shap;
mod spec;
#[cfg(test)]
mod tests;

use serde::Deserialize;

pub use layout::Layout;
pub use number::Number;
pub use shap::Explainer;
pub use spec::{CategoriesSpec, TreeError, TreeSpec};

/// Whose arithmetic a forest follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Arithmetic {
    /// `XGBoost`: single precision, left where `x < threshold`.
    #[default]
    Single,
    /// `LightGBM` and scikit-learn's histogram trees: double precision, left where `x <= threshold`.
    Double,
    /// scikit-learn's trees: inputs are rounded to single precision, the rest is as in `Double`.
    RoundedInputs,
}

/// Trees laid out for evaluation, in their own precision.
#[derive(Debug, Clone)]
pub enum Forest {
    /// In single precision.
    Single(Layout<f32>),
    /// In double precision; whether inputs are rounded to single precision first.
    Double(Layout<f64>, bool),
}

impl Forest {
    /// Check the trees and lay them out. `base` is the margin that each group starts from.
    pub fn new(
        specs: &[TreeSpec],
        base: &[f64],
        features: usize,
        arithmetic: Arithmetic,
    ) -> Result<Self, TreeError> {
        Ok(match arithmetic {
            Arithmetic::Single => Self::Single(Layout::new(specs, base, features)?),
            Arithmetic::Double => Self::Double(Layout::new(specs, base, features)?, false),
            Arithmetic::RoundedInputs => Self::Double(Layout::new(specs, base, features)?, true),
        })
    }

    /// How many margins a row gets.
    #[must_use]
    pub fn groups(&self) -> usize {
        match self {
            Self::Single(layout) => layout.groups(),
            Self::Double(layout, _) => layout.groups(),
        }
    }
}
