//! Resizes by convolution with a filter as wide as what becomes one pixel, as Pillow does: no aliasing.
use fast_image_resize::images::{Image, ImageRef};
use fast_image_resize::{FilterType, PixelType, ResizeAlg, ResizeOptions};
use serde::Deserialize;

use super::pixels::{Limit, Pixels};
use super::refusal::Refusal;
use super::workspace::Workspace;

/// The filter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Filter {
    /// A triangle.
    Bilinear,
    /// Cubics with a = −0.5.
    Bicubic,
    /// A windowed sinc over three lobes.
    Lanczos,
}

impl From<Filter> for FilterType {
    fn from(filter: Filter) -> Self {
        match filter {
            Filter::Bilinear => Self::Bilinear,
            Filter::Bicubic => Self::CatmullRom,
            Filter::Lanczos => Self::Lanczos3,
        }
    }
}

/// Resize to exactly this size.
pub fn resized(
    image: Pixels,
    width: usize,
    height: usize,
    filter: Filter,
    limit: Limit,
    workspace: &mut Workspace,
) -> Result<Pixels, Refusal> {
    limit.check(width, height)?;
    // A filter that overshoots is cut off between the passes, so their order shows: across goes first. A triangle does
    // not, and both at once is faster.
    let turns = image.width != width && image.height != height;
    if turns && filter != Filter::Bilinear {
        limit.check(width, image.height)?;
        let across = (width, image.height);
        let image = convolved(image, across, filter, workspace)?;
        return convolved(image, (width, height), filter, workspace);
    }
    convolved(image, (width, height), filter, workspace)
}

fn convolved(
    image: Pixels,
    (width, height): (usize, usize),
    filter: Filter,
    workspace: &mut Workspace,
) -> Result<Pixels, Refusal> {
    if (width, height) == (image.width, image.height) {
        return Ok(image);
    }
    let kind = if image.channels == 1 { PixelType::U8 } else { PixelType::U8x3 };
    let mut made = Pixels::take(workspace, width, height, image.channels);
    let side = |length: usize| u32::try_from(length).map_err(failed);
    let from = ImageRef::new(side(image.width)?, side(image.height)?, &image.bytes, kind).map_err(failed)?;
    let mut into =
        Image::from_slice_u8(side(width)?, side(height)?, &mut made.bytes, kind).map_err(failed)?;
    let options = ResizeOptions::new().resize_alg(ResizeAlg::Convolution(filter.into())).use_alpha(false);
    workspace.resizer.resize(&from, &mut into, &options).map_err(failed)?;
    workspace.give(image.bytes);
    Ok(made)
}

/// The size at which the shorter side is this long; the longer one is rounded down, as torchvision does.
#[must_use]
pub fn by_shorter_side(width: usize, height: usize, side: usize) -> (usize, usize) {
    let longer = |long: usize, short: usize| (side as u128 * long as u128 / short.max(1) as u128) as usize;
    if width <= height { (side, longer(height, width)) } else { (longer(width, height), side) }
}

fn failed(error: impl Into<Box<dyn std::error::Error>>) -> Refusal {
    Refusal::Failed(format!("it cannot be resized: {}", error.into()))
}
