//! Why an image has no answer.
use thiserror::Error;

/// Why one image was refused, as the middle of a sentence that names its row.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Refusal {
    /// There is nothing in it.
    #[error("it has no bytes")]
    Empty,
    /// Its first bytes are of no format that is known.
    #[error("it is no JPEG, PNG or binary PNM: it starts with {0}")]
    Format(String),
    /// It would take more memory than is allowed.
    #[error("it is {width} × {height} pixels, more than the limit of {limit}")]
    TooLarge {
        /// Columns.
        width: usize,
        /// Rows.
        height: usize,
        /// The most pixels there may be.
        limit: usize,
    },
    /// It has no pixels.
    #[error("it is {width} × {height} pixels")]
    NoPixels {
        /// Columns.
        width: usize,
        /// Rows.
        height: usize,
    },
    /// Its bytes break the rules of its format.
    #[error("it is a broken {format}: {reason}")]
    Broken {
        /// The format's name.
        format: &'static str,
        /// What the decoder says.
        reason: String,
    },
    /// It is of a kind that is not read.
    #[error("it is {0}, which is not read")]
    Unsupported(String),
    /// A window does not fit into it.
    #[error("it is {width} × {height} pixels, smaller than the crop of {to_width} × {to_height}")]
    Crop {
        /// Columns.
        width: usize,
        /// Rows.
        height: usize,
        /// Columns of the window.
        to_width: usize,
        /// Rows of the window.
        to_height: usize,
    },
    /// It has another size than the answer.
    #[error("it came out as {width} × {height} pixels, expected {to_width} × {to_height}")]
    Shape {
        /// Columns.
        width: usize,
        /// Rows.
        height: usize,
        /// Columns of the answer.
        to_width: usize,
        /// Rows of the answer.
        to_height: usize,
    },
    /// An encoder or a resizer said no.
    #[error("{0}")]
    Failed(String),
}

impl Refusal {
    /// A broken file of a format.
    pub(super) fn broken(format: &'static str, reason: impl Into<String>) -> Self {
        Self::Broken { format, reason: reason.into() }
    }
}
