//! PNG (ISO/IEC 15948), by the crate png.
use std::io::Cursor;

use png::{BitDepth, ColorType, DecodeOptions, Decoder, Transformations};

use super::decode::Stored;
use super::exif;
use super::orientation::Turn;
use super::pixels::{Limit, Pixels};
use super::refusal::Refusal;
use super::workspace::Workspace;

/// Decode one; of an animation its first picture. Transparency is dropped, sixteen bits are cut to the upper eight.
pub(super) fn decode(bytes: &[u8], limit: Limit, workspace: &mut Workspace) -> Stored {
    let mut options = DecodeOptions::default();
    options.set_ignore_text_chunk(true);
    options.set_ignore_iccp_chunk(true);
    let mut decoder = Decoder::new_with_options(Cursor::new(bytes), options);
    let header = decoder.read_header_info().map_err(broken)?;
    let (width, height) = (header.width as usize, header.height as usize);
    limit.check(width, height)?;
    if header.color_type == ColorType::Grayscale && header.bit_depth == BitDepth::Sixteen {
        return Err(Refusal::Unsupported("a PNG of 16 bits of grey, whose scale nobody can know".into()));
    }
    decoder.set_transformations(Transformations::EXPAND | Transformations::STRIP_16);
    let mut reader = decoder.read_info().map_err(broken)?;
    let samples = reader.output_color_type().0.samples();
    let length = reader.output_buffer_size().ok_or_else(|| broken("it is too large"))?;
    let mut image = Pixels { width, height, channels: samples, bytes: workspace.take(length) };
    reader.next_frame(&mut image.bytes).map_err(broken)?;
    // Orientation may stand behind the pixels; what is broken there breaks no pixel.
    let _ = reader.finish();
    let tiff = reader.info().exif_metadata.as_deref();
    let turn = Turn::of_exif(tiff.and_then(exif::orientation).unwrap_or(1));
    drop_alpha(&mut image);
    Ok((image, turn))
}

fn broken(error: impl Into<Box<dyn std::error::Error>>) -> Refusal {
    Refusal::broken("PNG", error.into().to_string())
}

fn drop_alpha(image: &mut Pixels) {
    let kept = match image.channels {
        2 => 1,
        4 => 3,
        _ => return,
    };
    let pixels = image.width * image.height;
    for at in 0..pixels {
        let from = at * image.channels;
        image.bytes.copy_within(from..from + kept, at * kept);
    }
    image.bytes.truncate(pixels * kept);
    image.channels = kept;
}
