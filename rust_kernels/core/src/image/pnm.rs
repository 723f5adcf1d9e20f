//! PNM, the netpbm formats P5 (grey) and P6 (red, green and blue): a header of text, then bytes as they are.
use super::decode::Stored;
use super::orientation::Turn;
use super::pixels::{Limit, Pixels};
use super::refusal::Refusal;
use super::workspace::Workspace;

/// An image as PNM.
#[must_use]
pub fn encode(image: &Pixels) -> Vec<u8> {
    let kind = if image.channels == 1 { 5 } else { 6 };
    let header = format!("P{kind}\n{} {}\n255\n", image.width, image.height);
    let mut made = Vec::with_capacity(header.len() + image.bytes.len());
    made.extend_from_slice(header.as_bytes());
    made.extend_from_slice(&image.bytes);
    made
}

/// Decode one that starts with P5 or P6; values up to another maximum than 255 are scaled, as Pillow does.
pub(super) fn decode(bytes: &[u8], limit: Limit, workspace: &mut Workspace) -> Stored {
    let channels = if bytes[1] == b'5' { 1 } else { 3 };
    let mut at = 2;
    let [width, height, most] = [number(bytes, &mut at)?, number(bytes, &mut at)?, number(bytes, &mut at)?];
    limit.check(width, height)?;
    if !(1..=65_535).contains(&most) {
        return Err(broken("its largest value is not from 1 to 65535"));
    }
    if most > 255 && channels == 1 {
        return Err(Refusal::Unsupported("a PNM of 16 bits of grey, whose scale nobody can know".into()));
    }
    // One white space stands between header and pixels.
    let data = bytes.get(at + 1..).unwrap_or_default();
    let wide = if most > 255 { 2 } else { 1 };
    let values = width * height * channels;
    let Some(data) = data.get(..values * wide) else {
        return Err(broken("it ends too early"));
    };
    let mut image = Pixels::take(workspace, width, height, channels);
    if most == 255 {
        image.bytes.copy_from_slice(data);
    } else {
        let scale = |value: u16| {
            let value = f64::from(value) / most as f64 * 255.0;
            value.round_ties_even().min(255.0) as u8
        };
        for (into, value) in image.bytes.iter_mut().zip(data.chunks_exact(wide)) {
            *into = scale(value.iter().fold(0, |high, low| high << 8 | u16::from(*low)));
        }
    }
    Ok((image, Turn::None))
}

/// The next number of the header, behind white space and comments.
fn number(bytes: &[u8], at: &mut usize) -> Result<usize, Refusal> {
    let start = *at;
    while let Some(byte) = bytes.get(*at) {
        match byte {
            b'#' => *at += bytes[*at..].iter().position(|byte| *byte == b'\n').unwrap_or(bytes.len() - *at),
            byte if byte.is_ascii_whitespace() || *byte == 0x0B => *at += 1,
            _ => break,
        }
    }
    let rest = bytes.get(*at..).unwrap_or_default();
    let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let apart =
        *at > start && rest.get(digits).is_some_and(|byte| byte.is_ascii_whitespace() || *byte == b'#');
    let told = rest.get(..digits).filter(|_| apart && (1..=9).contains(&digits));
    *at += digits;
    let read = told.and_then(|digits| std::str::from_utf8(digits).ok()?.parse().ok());
    read.ok_or_else(|| broken("its header is not width, height and largest value"))
}

fn broken(reason: &str) -> Refusal {
    Refusal::broken("PNM", reason)
}
