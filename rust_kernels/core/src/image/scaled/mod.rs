//! JPEG decoded to a half, a quarter or an eighth of its size: of each block of 8 × 8 only the lowest frequencies are
//! transformed back, as a smaller block. Faster than decoding all of it, and a little softer.
//!
//! Baseline files of grey or `YCbCr` in one scan; any other is left to the full decoder. Colours that are stored at half
//! the size are transformed back at twice the size of the brightness, so that nothing needs to be spread.
mod bits;
mod header;
mod huffman;
mod inverse;

use header::{Component, Header};

use self::bits::Bits;
use self::inverse::Inverse;
use super::color;
use super::pixels::Pixels;
use super::refusal::Refusal;
use super::workspace::Workspace;

/// Decode a file to the smallest size that is no smaller than `width` × `height`; None where that is its own size, or
/// where the file is of another kind than is read here.
pub(super) fn decode(
    bytes: &[u8],
    width: usize,
    height: usize,
    workspace: &mut Workspace,
) -> Result<Option<Pixels>, Refusal> {
    let Some(header) = Header::read(bytes) else {
        return Ok(None);
    };
    let reaches =
        |block: usize| scaled(header.width, block) >= width && scaled(header.height, block) >= height;
    let Some(block) = [1, 2, 4].into_iter().find(|block| reaches(*block)) else {
        return Ok(None);
    };
    let Some(mut planes) = header
        .components
        .iter()
        .map(|each| Plane::new(each, &header, block, workspace))
        .collect::<Option<Vec<_>>>()
    else {
        return Ok(None);
    };
    fill(&header, &mut planes)?;
    let size = (scaled(header.width, block), scaled(header.height, block));
    let image = joined(&planes, size, workspace);
    for plane in planes {
        workspace.give(plane.values);
    }
    Ok(Some(image))
}

/// The length of a side when blocks of eight become blocks of `block`.
fn scaled(length: usize, block: usize) -> usize {
    (length * block).div_ceil(8)
}

/// The values of one component, whole blocks.
struct Plane {
    /// Blocks across and down in each unit.
    blocks: (usize, usize),
    inverse: Inverse,
    stride: usize,
    values: Vec<u8>,
}

impl Plane {
    fn new(
        component: &Component,
        header: &Header<'_>,
        block: usize,
        workspace: &mut Workspace,
    ) -> Option<Self> {
        let (across, down) = header.most;
        let (wide, high) = (across / component.across, down / component.down);
        if wide * component.across != across || high * component.down != down {
            return None;
        }
        let inverse = Inverse::new(block * wide, block * high)?;
        let stride = header.units.0 * component.across * inverse.width;
        let values = workspace.take(stride * header.units.1 * component.down * inverse.height);
        Some(Self { blocks: (component.across, component.down), inverse, stride, values })
    }
}

/// Decode all units into the planes.
fn fill(header: &Header<'_>, planes: &mut [Plane]) -> Result<(), Refusal> {
    let mut bits = Bits::new(header.data);
    let mut predicted = [0_i32; 3];
    let mut left = header.restart;
    for y in 0..header.units.1 {
        for x in 0..header.units.0 {
            if header.restart > 0 {
                if left == 0 {
                    bits.restart()?;
                    predicted = [0; 3];
                    left = header.restart;
                }
                left -= 1;
            }
            for ((component, plane), predicted) in
                header.components.iter().zip(&mut *planes).zip(&mut predicted)
            {
                unit(header, component, plane, (x, y), &mut bits, predicted)?;
            }
        }
    }
    bits.check()
}

/// Decode the blocks that one component has in a unit.
#[inline]
fn unit(
    header: &Header<'_>,
    component: &Component,
    plane: &mut Plane,
    (x, y): (usize, usize),
    bits: &mut Bits<'_>,
    predicted: &mut i32,
) -> Result<(), Refusal> {
    let (across, down) = plane.blocks;
    for row in 0..down {
        for column in 0..across {
            let mut block = [0.0; 64];
            let last = huffman::block(
                bits,
                header.tables(component),
                &header.steps[component.steps],
                predicted,
                &mut block,
            )?;
            let top = (y * down + row) * plane.inverse.height;
            let at = top * plane.stride + (x * across + column) * plane.inverse.width;
            plane.inverse.write(&block, last, &mut plane.values[at..], plane.stride);
        }
    }
    Ok(())
}

/// Put the planes together as pixels.
fn joined(planes: &[Plane], (width, height): (usize, usize), workspace: &mut Workspace) -> Pixels {
    let mut image = Pixels::take(workspace, width, height, planes.len());
    for (y, row) in image.bytes.chunks_exact_mut(width * planes.len()).enumerate() {
        let values = |plane: &'_ Plane| y * plane.stride..y * plane.stride + width;
        match planes {
            [luma, blue, red] => color::of_luma_row(
                &luma.values[values(luma)],
                &blue.values[values(blue)],
                &red.values[values(red)],
                row,
            ),
            [gray, ..] => row.copy_from_slice(&gray.values[values(gray)]),
            [] => {}
        }
    }
    image
}
