//! Pixels to JPEG and PNG.
use jpeg_encoder::{ColorType as JpegColor, Encoder as JpegEncoder, SamplingFactor};
use png::{BitDepth, ColorType, Compression, Encoder};

use super::pixels::Pixels;
use super::refusal::Refusal;

/// As JPEG, baseline; `halved` keeps the colours at half the width and height (4:2:0).
pub fn jpeg(image: &Pixels, quality: u8, halved: bool) -> Result<Vec<u8>, Refusal> {
    let (Ok(width), Ok(height)) = (u16::try_from(image.width), u16::try_from(image.height)) else {
        let size = format!("{} × {}", image.width, image.height);
        return Err(Refusal::Failed(format!("it is {size} pixels, a JPEG has at most 65535 × 65535")));
    };
    let mut made = Vec::new();
    let mut encoder = JpegEncoder::new(&mut made, quality);
    encoder.set_sampling_factor(if halved { SamplingFactor::F_2_2 } else { SamplingFactor::F_1_1 });
    let color = if image.channels == 1 { JpegColor::Luma } else { JpegColor::Rgb };
    encoder.encode(&image.bytes, width, height, color).map_err(|error| failed("JPEG", &error))?;
    Ok(made)
}

/// As PNG.
pub fn png(image: &Pixels) -> Result<Vec<u8>, Refusal> {
    let mut made = Vec::new();
    let mut encoder = Encoder::new(&mut made, image.width as u32, image.height as u32);
    encoder.set_color(if image.channels == 1 { ColorType::Grayscale } else { ColorType::Rgb });
    encoder.set_depth(BitDepth::Eight);
    encoder.set_compression(Compression::Fast);
    let mut writer = encoder.write_header().map_err(|error| failed("PNG", &error))?;
    writer.write_image_data(&image.bytes).map_err(|error| failed("PNG", &error))?;
    writer.finish().map_err(|error| failed("PNG", &error))?;
    Ok(made)
}

fn failed(format: &str, error: &dyn std::error::Error) -> Refusal {
    Refusal::Failed(format!("it cannot be encoded as {format}: {error}"))
}
