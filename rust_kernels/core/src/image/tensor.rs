//! Pixels as floats, channel by channel (CHW), each normalised by its mean and standard deviation.
use super::pixels::Pixels;

/// What each value of each channel becomes: (value / 255 − mean) / std in doubles, rounded once.
#[derive(Debug, Clone)]
pub struct Normalisation(Box<[[f32; 256]; 3]>);

impl Normalisation {
    /// By the means and standard deviations of values between 0 and 1.
    #[must_use]
    pub fn new(mean: [f64; 3], std: [f64; 3]) -> Self {
        let mut tables = Box::new([[0.0; 256]; 3]);
        for (channel, table) in tables.iter_mut().enumerate() {
            for (value, into) in table.iter_mut().enumerate() {
                *into = ((value as f64 / 255.0 - mean[channel]) / std[channel]) as f32;
            }
        }
        Self(tables)
    }

    /// Write an image into `out`, which holds three times its pixels; grey goes into all three channels.
    pub fn write(&self, image: &Pixels, out: &mut [f32]) {
        let pixels = image.width * image.height;
        let (red, rest) = out.split_at_mut(pixels);
        let (green, blue) = rest.split_at_mut(pixels);
        let [reds, greens, blues] = &*self.0;
        let planes = red.iter_mut().zip(green).zip(blue);
        if image.channels == 1 {
            for (((red, green), blue), value) in planes.zip(&image.bytes) {
                let value = usize::from(*value);
                (*red, *green, *blue) = (reds[value], greens[value], blues[value]);
            }
        } else {
            for (((red, green), blue), [r, g, b]) in planes.zip(image.bytes.as_chunks::<3>().0) {
                (*red, *green, *blue) =
                    (reds[usize::from(*r)], greens[usize::from(*g)], blues[usize::from(*b)]);
            }
        }
    }
}
