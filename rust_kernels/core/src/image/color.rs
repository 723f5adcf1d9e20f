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
#[inline]
fn of_luma(luma: u8, blue: u8, red: u8) -> [u8; 3] {
    const HALF: i32 = 1 << 15;
    let (luma, blue, red) = (i32::from(luma) << 16, i32::from(blue) - 128, i32::from(red) - 128);
    // 1.402, 0.344136, 0.714136 and 1.772, times 2^16.
    let made = [luma + 91_881 * red, luma - 22_554 * blue - 46_802 * red, luma + 116_130 * blue];
    made.map(|value| ((value + HALF) >> 16).clamp(0, 255) as u8)
}

/// A row of red, green and blue of full-range `YCbCr`.
#[inline]
pub(super) fn of_luma_row(luma: &[u8], blue: &[u8], red: &[u8], into: &mut [u8]) {
    let values = luma.iter().zip(blue).zip(red);
    for (pixel, ((luma, blue), red)) in into.as_chunks_mut::<3>().0.iter_mut().zip(values) {
        *pixel = of_luma(*luma, *blue, *red);
    }
}
