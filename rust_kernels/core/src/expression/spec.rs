//! The typed form of an expression as it is written down.
use serde::Deserialize;
use thiserror::Error;

/// A primitive over arguments, a constant or a column.
#[derive(Debug, Clone, Deserialize)]
pub struct Spec {
    /// The primitive, or `constant` or `column`.
    pub op: String,
    /// The kind of the values.
    pub kind: String,
    /// What the primitive is computed of.
    #[serde(default)]
    pub args: Vec<Spec>,
    /// The constant, or the name of the column.
    #[serde(default)]
    pub value: serde_json::Value,
}

/// A form that means nothing here.
#[derive(Debug, Error)]
#[error("{0}")]
pub struct SpecError(pub String);
