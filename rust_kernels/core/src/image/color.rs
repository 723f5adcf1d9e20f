//! Colours: to grey, from grey, and from inks, as Pillow calculates them.
use super::pixels::Pixels;

// ITU-R BT.601 luma with 16 bits of precision.
const RED: u32 = 19_595;
const GREEN: u32 = 38_470;
const BLUE: u32 = 7_471;

/// Grey of an image, by BT.601.
#[must_use]
pub fn to_gray(mut image: Pixels) -> Pixels {
    if image.channels == 1 {
        return image;
    }
    let pixels = image.width * image.height;
    for at in 0..pixels {
        image.bytes[at] = luma([0, 1, 2].map(|channel| image.bytes[at * 3 + channel]));
    }
    image.bytes.truncate(pixels);
    Pixels { channels: 1, ..image }
}

/// Grey of one colour.
pub(super) fn luma(color: [u8; 3]) -> u8 {
    let [red, green, blue] = color.map(u32::from);
    ((red * RED + green * GREEN + blue * BLUE + 0x8000) >> 16) as u8
}

/// Make red, green and blue of cyan, magenta, yellow and black, in place.
///
/// With `luma` the first three are `YCbCr` of inverted inks (YCCK). Adobe stores all four inverted.
pub(super) fn of_inks(image: &mut Pixels, luma: bool, inverted: bool) {
    let pixels = image.width * image.height;
    for at in 0..pixels {
        let [one, two, three, black] = [0, 1, 2, 3].map(|ink| image.bytes[at * 4 + ink]);
        let inks = if luma { of_luma(one, two, three).map(|ink| 255 - ink) } else { [one, two, three] };
        let turn = |ink: u8| if inverted { 255 - ink } else { ink };
        let light = 255 - turn(black);
        for (channel, ink) in inks.into_iter().enumerate() {
            image.bytes[at * 3 + channel] = light - scaled(turn(ink), light);
        }
    }
    image.bytes.truncate(pixels * 3);
    image.channels = 3;
}

/// a · b / 255, rounded.
fn scaled(a: u8, b: u8) -> u8 {
    let product = u32::from(a) * u32::from(b) + 128;
    (((product >> 8) + product) >> 8) as u8
}

/// Red, green and blue of full-range `YCbCr` (JFIF 1.02).
fn of_luma(luma: u8, blue: u8, red: u8) -> [u8; 3] {
    let (luma, blue, red) = (f64::from(luma), f64::from(blue) - 128.0, f64::from(red) - 128.0);
    let made = [luma + 1.402 * red, luma - 0.344_136_286 * blue - 0.714_136_286 * red, luma + 1.772 * blue];
    made.map(|value| value.round().clamp(0.0, 255.0) as u8)
}
