//! Functions of one number. Missing is NaN: it stays missing, except where a function is there to see it; what a
//! function has no value for (the logarithm of −1, 1 / 0) is missing too.

use serde::Deserialize;

use super::power::{Family, power};

/// A function of one number.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(tag = "name", rename_all = "snake_case", deny_unknown_fields)]
#[expect(missing_docs, reason = "the fields are the contract's own words")]
pub enum Function {
    /// |x|.
    Abs,
    /// −1, 0 or 1.
    Sign,
    /// √x.
    Sqrt,
    /// x².
    Square,
    /// ln x.
    Log,
    /// ln (1 + x).
    Log1p,
    /// eˣ.
    Exp,
    /// eˣ − 1.
    Expm1,
    /// 1 / x.
    Reciprocal,
    /// sin x.
    Sin,
    /// cos x.
    Cos,
    /// The inverse of the sine.
    Arcsin,
    /// The hyperbolic tangent.
    Tanh,
    /// The greatest whole number that is no greater.
    Floor,
    /// The least whole number that is no less.
    Ceil,
    /// The nearest whole number, halves to the even one.
    Round,
    /// What is below `low` becomes `low`, what is above `high` becomes `high`.
    Clip { low: Option<f64>, high: Option<f64> },
    /// Box–Cox or Yeo–Johnson.
    Power { family: Family, lambda: f64 },
    /// How many edges are no greater.
    Bin { edges: Vec<f64> },
    /// The value on the line through the points (`from`, `to`), level beyond the first and the last.
    Interpolate { from: Vec<f64>, to: Vec<f64> },
    /// 1 where x is above a threshold, else 0.
    Above { threshold: f64 },
    /// 1 where x is missing, else 0.
    IsMissing,
}

impl Function {
    /// Refuses parameters that cannot mean anything.
    pub fn check(&self) -> Result<(), String> {
        match self {
            Self::Clip { low: Some(low), high: Some(high) } if low > high => {
                Err(format!("low={low} is above high={high}"))
            }
            Self::Bin { edges } => grows("edges", edges, |one, other| one < other),
            Self::Interpolate { from, to } if from.len() != to.len() || from.is_empty() => {
                Err(format!("there are {} points from and {} to", from.len(), to.len()))
            }
            Self::Interpolate { from, .. } => grows("points", from, |one, other| one < other),
            _ => Ok(()),
        }
    }

    /// The function's value.
    #[must_use]
    pub fn apply(&self, x: f64) -> f64 {
        if let Self::IsMissing = self {
            return f64::from(u8::from(x.is_nan()));
        }
        if x.is_nan() {
            return x;
        }
        finite_or_missing(x, self.value(x))
    }

    fn value(&self, x: f64) -> f64 {
        match self {
            Self::Abs => x.abs(),
            Self::Sign if x == 0.0 => 0.0,
            Self::Sign => x.signum(),
            Self::Sqrt => x.sqrt(),
            Self::Square => x * x,
            Self::Log => x.ln(),
            Self::Log1p => x.ln_1p(),
            Self::Exp => x.exp(),
            Self::Expm1 => x.exp_m1(),
            Self::Reciprocal => 1.0 / x,
            Self::Sin => x.sin(),
            Self::Cos => x.cos(),
            Self::Arcsin => x.asin(),
            Self::Tanh => x.tanh(),
            Self::Floor => x.floor(),
            Self::Ceil => x.ceil(),
            Self::Round => x.round_ties_even(),
            Self::Clip { low, high } => {
                let above = low.map_or(x, |low| x.max(low));
                high.map_or(above, |high| above.min(high))
            }
            Self::Power { family, lambda } => power(x, *family, *lambda),
            Self::Bin { edges } => edges.partition_point(|edge| *edge <= x) as f64,
            Self::Interpolate { from, to } => interpolate(x, from, to),
            Self::Above { threshold } => f64::from(u8::from(x > *threshold)),
            Self::IsMissing => 0.0,
        }
    }
}

/// A finite number whose value is none has no value; an infinite one keeps what the function gives.
fn finite_or_missing(x: f64, value: f64) -> f64 {
    // One NaN stands for missing, whatever the sign of the one that a function gives.
    if value.is_nan() || value.is_infinite() && x.is_finite() { f64::NAN } else { value }
}

fn interpolate(x: f64, from: &[f64], to: &[f64]) -> f64 {
    let after = from.partition_point(|point| *point <= x);
    if after == 0 {
        return to[0];
    }
    // At a point its value, however steep the line behind it is.
    if after == from.len() || from[after - 1] >= x {
        return to[after - 1];
    }
    let slope = (to[after] - to[after - 1]) / (from[after] - from[after - 1]);
    slope * (x - from[after - 1]) + to[after - 1]
}

fn grows(what: &str, values: &[f64], is: impl Fn(f64, f64) -> bool) -> Result<(), String> {
    if values.iter().any(|value| value.is_nan()) {
        return Err(format!("one of the {what} is missing"));
    }
    match values.windows(2).find(|pair| !is(pair[0], pair[1])) {
        None => Ok(()),
        Some(pair) => Err(format!("the {what} must grow, and {} follows {}", pair[1], pair[0])),
    }
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "these are exact")]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_stays_missing_and_what_has_no_value_becomes_so() {
        for function in [Function::Abs, Function::Log, Function::Above { threshold: 0.0 }] {
            assert!(function.apply(f64::NAN).is_nan());
        }
        for (function, x) in [(Function::Log, -1.0), (Function::Log, 0.0), (Function::Reciprocal, 0.0)] {
            assert!(function.apply(x).is_nan(), "{function:?} of {x}");
        }
        assert!(Function::Exp.apply(1e4).is_nan());
        assert!(Function::Exp.apply(f64::INFINITY).is_infinite());
        assert_eq!(Function::IsMissing.apply(f64::NAN), 1.0);
        assert_eq!(Function::Sign.apply(-0.0), 0.0);
        assert_eq!([-1e4, 0.0, f64::INFINITY].map(|x| Function::Tanh.apply(x)), [-1.0, 0.0, 1.0]);
    }

    #[test]
    fn lines_go_through_their_points_and_are_level_beyond_them() {
        let line = Function::Interpolate { from: vec![0.0, 1.0, 3.0], to: vec![0.0, 10.0, 20.0] };
        let seen: Vec<f64> = [-1.0, 0.0, 0.5, 1.0, 2.0, 3.0, 9.0].iter().map(|x| line.apply(*x)).collect();
        assert_eq!(seen, [0.0, 0.0, 5.0, 10.0, 15.0, 20.0, 20.0]);
        let jump = Function::Interpolate { from: vec![0.0, 5e-324], to: vec![0.0, 1.0] };
        assert_eq!([0.0, 1e-300].map(|x| jump.apply(x)), [0.0, 1.0]);
    }

    #[test]
    fn parameters_that_mean_nothing_are_refused() {
        let refused = |function: Function| function.check().unwrap_err();
        assert_eq!(refused(Function::Clip { low: Some(2.0), high: Some(1.0) }), "low=2 is above high=1");
        assert_eq!(refused(Function::Bin { edges: vec![1.0, 1.0] }), "the edges must grow, and 1 follows 1");
        assert_eq!(refused(Function::Bin { edges: vec![f64::NAN] }), "one of the edges is missing");
        let crooked = Function::Interpolate { from: vec![1.0], to: vec![] };
        assert_eq!(refused(crooked), "there are 1 points from and 0 to");
    }
}
