//! What an operation needs to know beside its name.

/// The parameters of all operations; each reads its own, and what it does not read is left at its default.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Parameters {
    /// How many, or which.
    pub k: u32,
    /// Which quantiles, from 0 to 1.
    pub quantiles: Vec<f64>,
    /// The time in which a weight halves, in microseconds.
    pub half_life: i64,
}
