//! Pixels: rows of grey values or of red, green and blue, eight bits each, without gaps.
use super::refusal::Refusal;
use super::workspace::Workspace;

/// An image that is decoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pixels {
    /// Columns.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// 1 for grey, 3 for red, green and blue.
    pub channels: usize,
    /// Row by row, from the top left.
    pub bytes: Vec<u8>,
}

impl Pixels {
    /// Pixels of this size over a buffer of the workspace, whose content is left over from others.
    pub(super) fn take(workspace: &mut Workspace, width: usize, height: usize, channels: usize) -> Self {
        Self { width, height, channels, bytes: workspace.take(width * height * channels) }
    }

    /// Bytes of a row.
    #[must_use]
    pub fn stride(&self) -> usize {
        self.width * self.channels
    }
}

/// The most pixels that an image may have, whether it is read or made.
#[derive(Debug, Clone, Copy)]
pub struct Limit(pub usize);

impl Limit {
    /// Refuse a size before memory is taken for it.
    pub(super) fn check(self, width: usize, height: usize) -> Result<(), Refusal> {
        if width == 0 || height == 0 {
            return Err(Refusal::NoPixels { width, height });
        }
        if width.checked_mul(height).is_none_or(|pixels| pixels > self.0) {
            return Err(Refusal::TooLarge { width, height, limit: self.0 });
        }
        Ok(())
    }
}
