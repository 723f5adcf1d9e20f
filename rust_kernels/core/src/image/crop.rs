//! Cuts windows out of images.
use xxhash_rust::xxh3::xxh3_64_with_seed;

use super::pixels::Pixels;
use super::refusal::Refusal;

/// The middle window; where it cannot stand in the middle, half a pixel goes to the even side, as torchvision does.
pub fn center(image: Pixels, width: usize, height: usize) -> Result<Pixels, Refusal> {
    let (left, top) = spare(&image, width, height)?;
    Ok(window(image, half_to_even(left), half_to_even(top), width, height))
}

/// A window somewhere, told by the encoded bytes and a seed alone: a row is cut alike in every batch.
pub fn random(
    image: Pixels,
    width: usize,
    height: usize,
    encoded: &[u8],
    seed: u64,
) -> Result<Pixels, Refusal> {
    let (left, top) = spare(&image, width, height)?;
    let drawn = xxh3_64_with_seed(encoded, seed);
    let pick = |bits: u64, most: usize| (((bits & 0xFFFF_FFFF) * (most as u64 + 1)) >> 32) as usize;
    Ok(window(image, pick(drawn, left), pick(drawn >> 32, top), width, height))
}

/// How many columns and rows more than the window there are.
fn spare(image: &Pixels, width: usize, height: usize) -> Result<(usize, usize), Refusal> {
    match (image.width.checked_sub(width), image.height.checked_sub(height)) {
        (Some(left), Some(top)) => Ok((left, top)),
        _ => Err(Refusal::Crop {
            width: image.width,
            height: image.height,
            to_width: width,
            to_height: height,
        }),
    }
}

fn half_to_even(length: usize) -> usize {
    let half = length / 2;
    half + usize::from(length % 2 == 1 && half % 2 == 1)
}

fn window(mut image: Pixels, left: usize, top: usize, width: usize, height: usize) -> Pixels {
    let (stride, row) = (image.stride(), width * image.channels);
    for y in 0..height {
        let from = (top + y) * stride + left * image.channels;
        image.bytes.copy_within(from..from + row, y * row);
    }
    image.bytes.truncate(height * row);
    Pixels { width, height, ..image }
}
