//! What is done to an image, as told from Python: steps in order, and what the last pixels are answered as.
use serde::Deserialize;

use super::decode::decode;
use super::orientation::{Turn, turned};
use super::pixels::{Limit, Pixels};
use super::refusal::Refusal;
use super::resize::{Filter, by_shorter_side, resized};
use super::workspace::Workspace;
use super::{color, crop, hash, pad};

/// A step from pixels to pixels.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(tag = "op", rename_all = "snake_case", deny_unknown_fields)]
#[allow(missing_docs, reason = "the fields are the arguments of the steps of these names in Python")]
pub enum Step {
    /// To exactly this size.
    Resize { height: usize, width: usize, filter: Filter },
    /// Until the shorter side is this long.
    ResizeShorter { side: usize, filter: Filter },
    /// The middle window.
    CenterCrop { height: usize, width: usize },
    /// A window told by the content.
    RandomCrop { height: usize, width: usize, seed: u64 },
    /// Borders up to this size.
    Pad { height: usize, width: usize, fill: [u8; 3] },
    /// Left becomes right, or top becomes bottom.
    Flip { horizontal: bool },
    /// Quarters of a turn anticlockwise.
    Rotate { quarters: u8 },
    /// To grey.
    Gray,
}

/// What is answered.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
#[allow(missing_docs, reason = "the fields are the arguments of the steps of these names in Python")]
pub enum Answer {
    /// Only whether there is an answer.
    Nothing,
    /// Bytes, uncompressed.
    Pnm,
    /// Bytes.
    Jpeg { quality: u8, halved: bool },
    /// Bytes.
    Png,
    /// Floats [3, height, width].
    Tensor { height: usize, width: usize, mean: [f64; 3], std: [f64; 3] },
    /// Floats [3, bins].
    Histogram { bins: usize },
    /// Sixteen hexadecimal digits.
    Hash { method: hash::Method },
}

/// How a JPEG is decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Decoding {
    /// At its own size.
    #[default]
    Full,
    /// At a half, a quarter or an eighth of it, where the first step makes it no larger than that.
    Scaled,
}

/// Everything that is done to an image.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Program {
    /// The most pixels that an image may have at any time.
    pub max_pixels: usize,
    /// How a JPEG is decoded.
    #[serde(default)]
    pub decoding: Decoding,
    /// The steps, in order.
    pub steps: Vec<Step>,
    /// What becomes of the pixels.
    pub answer: Answer,
}

// Three floats a pixel: what is beyond is no column, but memory that somebody wants to see taken.
const MOST_VALUES: usize = 1 << 28;

impl Program {
    /// Read it from its JSON.
    pub fn from_json(json: &str) -> Result<Self, String> {
        let program: Self = serde_json::from_str(json).map_err(|error| error.to_string())?;
        let values = match program.answer {
            Answer::Tensor { height, width, .. } => height.checked_mul(width),
            Answer::Histogram { bins } if bins <= 256 => Some(bins),
            Answer::Histogram { .. } => None,
            _ => Some(1),
        };
        match values.and_then(|values| values.checked_mul(3)) {
            Some(3..=MOST_VALUES) => Ok(program),
            _ => Err("the answer has no values, or too many".into()),
        }
    }

    /// Decode an image and apply the steps.
    pub fn pixels(&self, encoded: &[u8], workspace: &mut Workspace) -> Result<Pixels, Refusal> {
        let limit = Limit(self.max_pixels);
        let first = self.steps.first().filter(|_| self.decoding == Decoding::Scaled);
        let mut image = decode(encoded, first, limit, workspace)?;
        for step in &self.steps {
            image = step.apply(image, encoded, limit, workspace)?;
        }
        Ok(image)
    }
}

impl Step {
    /// The size that an image of this size becomes, where this step resizes.
    pub(super) fn resized(&self, width: usize, height: usize) -> Option<(usize, usize)> {
        match *self {
            Self::Resize { height, width, .. } => Some((width, height)),
            Self::ResizeShorter { side, .. } => Some(by_shorter_side(width, height, side)),
            _ => None,
        }
    }

    fn apply(
        &self,
        image: Pixels,
        encoded: &[u8],
        limit: Limit,
        workspace: &mut Workspace,
    ) -> Result<Pixels, Refusal> {
        match *self {
            Self::Resize { height, width, filter } => resized(image, width, height, filter, limit, workspace),
            Self::ResizeShorter { side, filter } => {
                let (width, height) = by_shorter_side(image.width, image.height, side);
                resized(image, width, height, filter, limit, workspace)
            }
            Self::CenterCrop { height, width } => crop::center(image, width, height),
            Self::RandomCrop { height, width, seed } => crop::random(image, width, height, encoded, seed),
            Self::Pad { height, width, fill } => pad::padded(image, width, height, fill, limit, workspace),
            Self::Flip { horizontal } => {
                Ok(turned(image, if horizontal { Turn::Mirror } else { Turn::Flip }, workspace))
            }
            Self::Rotate { quarters } => Ok(turned(image, Turn::of_quarters(quarters), workspace)),
            Self::Gray => Ok(color::to_gray(image)),
        }
    }
}
