//! Every way in which a join can be refused.

use thiserror::Error;

/// What was seen, what was expected and, where it helps, what there is.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum JoinError {
    /// A column that the table lacks.
    #[error("the {table} have no column '{seen}'; they have: {known}")]
    UnknownColumn {
        /// `events` or `rows`.
        table: &'static str,
        /// The name that was asked for.
        seen: String,
        /// The names there are.
        known: String,
    },
    /// An operation nobody knows.
    #[error("no operation is called '{seen}'; there are: {known}")]
    UnknownOperation {
        /// The name that was asked for.
        seen: String,
        /// The names there are.
        known: String,
    },
    /// A window kind nobody knows, or one without length or hop.
    #[error(
        "the window kind '{0}' is unknown; there are: sawtooth, sliding, tumbling, snapshot, bounds, unbounded"
    )]
    UnknownWindow(String),
    /// Window bounds that are earlier for a later question of the same key.
    #[error(
        "the bounds of a window go back where the rows' time goes on; expected bounds that never decrease"
    )]
    BoundsGoBack,
    /// A length or hop that is not positive.
    #[error("the window of '{name}' has length {length} µs and hop {hop} µs; both must be positive")]
    WindowLength {
        /// The aggregation's name.
        name: String,
        /// Its length.
        length: i64,
        /// Its hop.
        hop: i64,
    },
    /// A column whose type cannot serve its purpose.
    #[error("column '{column}' of the {table} is {seen}; expected {expected}")]
    Type {
        /// `events` or `rows`.
        table: &'static str,
        /// The column.
        column: String,
        /// Its type.
        seen: String,
        /// What would do.
        expected: &'static str,
    },
    /// An operation that its column's type does not have.
    #[error(
        "'{operation}' of column '{column}', which is {seen}: it adds, so it needs numbers, durations or truth values"
    )]
    Operation {
        /// The operation.
        operation: &'static str,
        /// The column.
        column: String,
        /// Its type.
        seen: String,
    },
    /// A parameter that an operation needs and lacks, or that is out of its range.
    #[error("'{operation}' of '{name}' needs {expected}")]
    Parameter {
        /// The aggregation's name.
        name: String,
        /// The operation.
        operation: &'static str,
        /// What it needs.
        expected: &'static str,
    },
    /// A time that is null.
    #[error("column '{column}' of the {table} is null in row {row}; a time is needed there")]
    NullTime {
        /// `events` or `rows`.
        table: &'static str,
        /// The column.
        column: String,
        /// The first such row.
        row: usize,
    },
    /// A key that has one type among the events and another among the rows.
    #[error("key '{key}' is {events} in the events and {rows} in the rows; expected one type")]
    KeyTypes {
        /// The key.
        key: String,
        /// Its type in the events.
        events: String,
        /// Its type in the rows.
        rows: String,
    },
    /// An unsigned integer or a decimal that no signed integer of 64 bits can hold.
    #[error(
        "column '{column}' of the events is beyond 64 bits in row {row}; expected at most 9223372036854775807, \
         of a decimal without its point"
    )]
    Integer {
        /// The column.
        column: String,
        /// The first such row.
        row: usize,
    },
    /// More rows than row numbers.
    #[error("the {table} have {rows} rows; expected fewer than 4294967295 in one call")]
    TooMany {
        /// `events` or `rows`.
        table: &'static str,
        /// How many.
        rows: usize,
    },
}
