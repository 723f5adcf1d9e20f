//! What can be wrong with a plan or with what it is given.
use thiserror::Error;

/// Why a plan could not be built or a question not be answered.
#[derive(Debug, Error, PartialEq)]
pub enum PlanError {
    /// The text is no plan.
    #[error("the plan cannot be read: {0}")]
    Malformed(String),
    /// The plan is of another format.
    #[error("the plan has format {seen}, this build reads format {expected}")]
    Format {
        /// What the plan says.
        seen: u32,
        /// What this build reads.
        expected: u32,
    },
    /// A step that cannot mean anything.
    #[error("step {step} ({op}): {what}")]
    Step {
        /// Which step, from 0.
        step: usize,
        /// Its operation.
        op: &'static str,
        /// What is wrong.
        what: String,
    },
    /// An output or input of the plan that cannot be.
    #[error("{0}")]
    Shape(String),
    /// A column that is absent, superfluous or of the wrong type.
    #[error("column '{column}' {what}")]
    Column {
        /// Its name.
        column: String,
        /// What is wrong.
        what: String,
    },
    /// A value that cannot be used.
    #[error("row {row}: column '{column}' {what}")]
    Value {
        /// Which row, from 0.
        row: usize,
        /// Which column.
        column: String,
        /// What is wrong.
        what: String,
    },
}

impl PlanError {
    /// The row and the column at fault, where there are such.
    #[must_use]
    pub fn place(&self) -> (Option<usize>, Option<&str>) {
        match self {
            Self::Value { row, column, .. } => (Some(*row), Some(column)),
            Self::Column { column, .. } => (None, Some(column)),
            _ => (None, None),
        }
    }
}
