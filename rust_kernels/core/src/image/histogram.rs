//! How bright an image is: the share of pixels in bins of equal width, channel by channel.
use super::pixels::Pixels;

/// Write the shares into `out`, which holds as many bins for each of the three channels.
pub fn write(image: &Pixels, out: &mut [f32]) {
    let bins = out.len() / 3;
    let pixels = (image.width * image.height) as f64;
    for (channel, out) in out.chunks_exact_mut(bins).enumerate() {
        let mut counts = [0_u64; 256];
        for value in image.bytes.iter().skip(channel % image.channels).step_by(image.channels) {
            counts[usize::from(*value)] += 1;
        }
        let mut sums = vec![0_u64; bins];
        for (value, count) in counts.iter().enumerate() {
            sums[value * bins / 256] += count;
        }
        for (into, sum) in out.iter_mut().zip(sums) {
            *into = (sum as f64 / pixels) as f32;
        }
    }
}
