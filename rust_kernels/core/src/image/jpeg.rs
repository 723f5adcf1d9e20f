//! JPEG (ITU-T T.81), baseline and progressive, by zune-jpeg.
use zune_jpeg::JpegDecoder;
use zune_jpeg::zune_core::bytestream::ZCursor;
use zune_jpeg::zune_core::colorspace::ColorSpace;
use zune_jpeg::zune_core::options::DecoderOptions;

use super::decode::Stored;
use super::orientation::Turn;
use super::pixels::{Limit, Pixels};
use super::program::Step;
use super::refusal::Refusal;
use super::workspace::Workspace;
use super::{color, exif, scaled};

const MOST_SIDE: usize = 65_535;

/// Decode one. What ends too early is refused, never filled up with grey.
pub(super) fn decode(bytes: &[u8], first: Option<&Step>, limit: Limit, workspace: &mut Workspace) -> Stored {
    let options = DecoderOptions::new_fast()
        .set_strict_mode(true)
        .set_max_width(MOST_SIDE)
        .set_max_height(MOST_SIDE)
        .jpeg_set_out_colorspace(ColorSpace::RGB);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(bytes), options);
    decoder.decode_headers().map_err(broken)?;
    let (width, height) = decoder.dimensions().ok_or_else(|| broken("it has no size"))?;
    limit.check(width, height)?;
    let turn = Turn::of_exif(decoder.exif().and_then(|tiff| exif::orientation(tiff)).unwrap_or(1));
    if let Some(image) = scaled_for(first, bytes, (width, height), turn, workspace)? {
        return Ok((image, turn));
    }
    let kind = decoder.input_colorspace().unwrap_or(ColorSpace::Unknown);
    let (out, channels) = match kind {
        ColorSpace::Luma => (ColorSpace::Luma, 1),
        ColorSpace::YCbCr | ColorSpace::RGB => (ColorSpace::RGB, 3),
        ColorSpace::CMYK | ColorSpace::YCCK => (kind, 4),
        other => return Err(Refusal::Unsupported(format!("a JPEG of the colours {other:?}"))),
    };
    decoder.set_options(options.jpeg_set_out_colorspace(out));
    let mut image = Pixels::take(workspace, width, height, channels);
    decoder.decode_into(&mut image.bytes).map_err(broken)?;
    if channels == 4 {
        color::of_inks(&mut image, kind == ColorSpace::YCCK, has_adobe_segment(bytes));
    }
    Ok((image, turn))
}

/// Decode no more than a first step needs; `turn` comes between.
fn scaled_for(
    first: Option<&Step>,
    bytes: &[u8],
    (width, height): (usize, usize),
    turn: Turn,
    workspace: &mut Workspace,
) -> Result<Option<Pixels>, Refusal> {
    let (across, down) = if turn.swaps() { (height, width) } else { (width, height) };
    let Some((to_width, to_height)) = first.and_then(|step| step.resized(across, down)) else {
        return Ok(None);
    };
    let (to_width, to_height) = if turn.swaps() { (to_height, to_width) } else { (to_width, to_height) };
    scaled::decode(bytes, to_width, to_height, workspace)
}

fn broken(error: impl Into<Box<dyn std::error::Error>>) -> Refusal {
    Refusal::broken("JPEG", error.into().to_string())
}

/// Whether one of the segments before the first scan is Adobe's (APP14): then inks are stored inverted.
fn has_adobe_segment(bytes: &[u8]) -> bool {
    let mut at = 2;
    while let Some([0xFF, marker, high, low]) = bytes.get(at..).and_then(|rest| rest.first_chunk()) {
        match marker {
            0xDA => return false,
            0xFF => at += 1,
            0xEE if bytes.get(at + 4..at + 9) == Some(b"Adobe") => return true,
            _ => at += 2 + usize::from(u16::from_be_bytes([*high, *low])),
        }
    }
    false
}
