//! Expressions of `select`, `where` and derivations over one row of typed values.
//!
//! 1. `spec` reads the typed form, which Python has parsed and checked, and `compile` resolves it: columns become
//!    places, primitives become functions, texts that choose what is computed (patterns, zones, units) are prepared.
//! 2. `Expression::value` walks the tree over a row. Nothing fails there: what has no value is null.
//!
//! Days and microseconds since 1970 stand for times. Tables go through Polars; both give the same, bit for bit.
mod calendar;
mod compile;
mod logic;
mod numbers;
mod parse_time;
pub mod spec;
mod strict;
mod texts;
mod times;
mod value;

use logic::Node;
use spec::{Spec, SpecError};
pub use value::Value;

/// An expression that is ready for rows.
#[derive(Debug)]
pub struct Expression {
    inputs: Vec<(String, String)>,
    kind: String,
    root: Node,
}

impl Expression {
    /// Read an expression from the JSON of its typed form.
    pub fn from_json(text: &str) -> Result<Self, SpecError> {
        let spec: Spec = serde_json::from_str(text).map_err(|error| SpecError(error.to_string()))?;
        Self::from_spec(&spec)
    }

    /// Build an expression of its typed form.
    pub fn from_spec(spec: &Spec) -> Result<Self, SpecError> {
        let mut inputs = Vec::new();
        let root = compile::compile(spec, &mut inputs)?;
        Ok(Self { inputs, kind: spec.kind.clone(), root })
    }

    /// The columns that a row gives, in order, and their kinds.
    #[must_use]
    pub fn inputs(&self) -> &[(String, String)] {
        &self.inputs
    }

    /// The kind of the values.
    #[must_use]
    pub fn kind(&self) -> &str {
        &self.kind
    }

    /// The value in a row, given the values of the inputs.
    #[must_use]
    pub fn value<'a>(&'a self, row: &[Value<'a>]) -> Value<'a> {
        self.root.value(row)
    }
}

#[cfg(test)]
mod tests;
