//! Decoders on whatever bytes: real files that were damaged, and noise. Pixels or a reason, never a panic.
use jpeg_encoder::{ColorType, Encoder, SamplingFactor};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;

use super::decode::decode;
use super::pixels::{Limit, Pixels};
use super::program::{Answer, Decoding, Program, Step};
use super::resize::Filter;
use super::workspace::Workspace;
use super::{encode, pnm};

const LIMIT: Limit = Limit(1 << 14);

fn drawn(width: usize, height: usize, channels: usize) -> Pixels {
    let bytes = (0..width * height * channels).map(|at| (at * at / 7 + at * 13) as u8).collect();
    Pixels { width, height, channels, bytes }
}

fn jpeg(image: &Pixels, set: impl FnOnce(&mut Encoder<&mut Vec<u8>>)) -> Vec<u8> {
    let mut made = Vec::new();
    let mut encoder = Encoder::new(&mut made, 80);
    set(&mut encoder);
    let color = if image.channels == 1 { ColorType::Luma } else { ColorType::Rgb };
    encoder.encode(&image.bytes, image.width as u16, image.height as u16, color).unwrap();
    made
}

/// A TIFF structure that says that an image lies on its side.
const SIDEWAYS: &[u8] = b"Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0";

fn files() -> Vec<Vec<u8>> {
    let (color, gray) = (drawn(37, 29, 3), drawn(17, 40, 1));
    let inks: Vec<u8> = (0..20 * 20 * 4).map(|at| (at * 7) as u8).collect();
    let mut of_inks = Vec::new();
    Encoder::new(&mut of_inks, 90).encode(&inks, 20, 20, ColorType::CmykAsYcck).unwrap();
    vec![
        jpeg(&color, |encoder| encoder.set_sampling_factor(SamplingFactor::F_2_2)),
        jpeg(&color, |encoder| encoder.set_progressive(true)),
        jpeg(&color, |encoder| encoder.set_restart_interval(2)),
        jpeg(&color, |encoder| encoder.add_app_segment(1, SIDEWAYS.to_vec()).unwrap()),
        jpeg(&gray, |encoder| encoder.set_optimized_huffman_tables(true)),
        of_inks,
        encode::png(&color).unwrap(),
        encode::png(&gray).unwrap(),
        pnm::encode(&color),
        pnm::encode(&gray),
    ]
}

/// One change of a file.
#[derive(Debug, Clone)]
enum Damage {
    Set(Index, u8),
    Flip(Index, u8),
    Cut(Index),
    Remove(Index, usize),
    Repeat(Index, usize),
    Insert(Index, Vec<u8>),
}

impl Damage {
    fn apply(&self, bytes: &mut Vec<u8>) {
        if bytes.is_empty() {
            return;
        }
        let length = bytes.len();
        match self {
            Self::Set(at, value) => bytes[at.index(length)] = *value,
            Self::Flip(at, bit) => bytes[at.index(length)] ^= 1 << bit,
            Self::Cut(at) => bytes.truncate(at.index(length)),
            Self::Remove(at, count) => {
                let at = at.index(length);
                bytes.drain(at..(at + count).min(length));
            }
            Self::Repeat(at, count) => {
                let at = at.index(length);
                let part = bytes[at..(at + count).min(length)].to_vec();
                bytes.splice(at..at, part);
            }
            Self::Insert(at, part) => {
                let at = at.index(length);
                bytes.splice(at..at, part.iter().copied());
            }
        }
    }
}

fn damage() -> impl Strategy<Value = Damage> {
    let at = any::<Index>;
    prop_oneof![
        4 => (at(), any::<u8>()).prop_map(|(at, value)| Damage::Set(at, value)),
        4 => (at(), 0..8_u8).prop_map(|(at, bit)| Damage::Flip(at, bit)),
        1 => at().prop_map(Damage::Cut),
        1 => (at(), 1..40_usize).prop_map(|(at, count)| Damage::Remove(at, count)),
        1 => (at(), 1..40_usize).prop_map(|(at, count)| Damage::Repeat(at, count)),
        1 => (at(), vec(any::<u8>(), 1..12)).prop_map(|(at, part)| Damage::Insert(at, part)),
    ]
}

/// Decode by every way there is; what comes out is of the size that it says.
fn decoded(bytes: &[u8]) {
    let mut workspace = Workspace::default();
    if let Ok(image) = decode(bytes, None, LIMIT, &mut workspace) {
        assert!(image.width * image.height <= LIMIT.0);
        assert!(image.channels == 1 || image.channels == 3);
        assert_eq!(image.bytes.len(), image.width * image.height * image.channels);
        let again = decode(&pnm::encode(&image), None, LIMIT, &mut workspace);
        assert_eq!(again.as_ref(), Ok(&image));
    }
    for side in [1, 9, 16] {
        let first = Step::Resize { height: side, width: side, filter: Filter::Bilinear };
        if let Ok(image) = decode(bytes, Some(&first), LIMIT, &mut workspace) {
            assert_eq!(image.bytes.len(), image.width * image.height * image.channels);
        }
    }
}

#[test]
fn whole_files_are_decoded() {
    for bytes in files() {
        let image = decode(&bytes, None, LIMIT, &mut Workspace::default()).unwrap();
        assert!(image.width * image.height >= 400);
    }
    let upright = decode(&files()[3], None, LIMIT, &mut Workspace::default()).unwrap();
    assert_eq!((upright.width, upright.height), (29, 37));
}

#[test]
fn every_shorter_file_is_refused_or_decoded() {
    for bytes in files() {
        for length in 0..bytes.len() {
            decoded(&bytes[..length]);
        }
    }
}

proptest! {
    #[test]
    fn damaged_files_are_refused_or_decoded(
        file in any::<Index>(), damages in vec(damage(), 1..6),
    ) {
        let mut files = files();
        let mut bytes = files.swap_remove(file.index(files.len()));
        for damage in damages {
            damage.apply(&mut bytes);
        }
        decoded(&bytes);
    }

    #[test]
    fn noise_behind_a_first_word_is_refused_or_decoded(
        first in prop::sample::select(vec![
            &b""[..], b"\xff\xd8", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR", b"P5", b"P6 ",
            b"P5 3 3 255 ",
        ]),
        rest in vec(any::<u8>(), 0..300),
    ) {
        decoded(&[first, &rest].concat());
    }

    #[test]
    fn headers_of_text_are_refused_or_decoded(header in "P[56][ #\\n\\t0-9a-z-]{0,40}", rest in vec(any::<u8>(), 0..60)) {
        decoded(&[header.as_bytes(), &rest].concat());
    }

    #[test]
    fn steps_in_any_order_answer_or_refuse(
        width in 1..40_usize, height in 1..40_usize, channels in prop::sample::select(vec![1_usize, 3]),
        steps in vec(step(), 0..5),
    ) {
        let program = Program { max_pixels: 1 << 14, decoding: Decoding::Full, steps, answer: Answer::Pnm };
        let bytes = pnm::encode(&drawn(width, height, channels));
        let mut workspace = Workspace::default();
        let first = program.pixels(&bytes, &mut workspace);
        prop_assert_eq!(&first, &program.pixels(&bytes, &mut workspace));
        // One after the other, through files, is the same as all at once.
        let mut file = bytes.clone();
        for step in &program.steps {
            if matches!(step, Step::RandomCrop { .. }) {
                return Ok(());
            }
            let alone = Program { steps: vec![step.clone()], ..program.clone() };
            match alone.pixels(&file, &mut workspace) {
                Ok(image) => file = pnm::encode(&image),
                Err(reason) => {
                    prop_assert_eq!(first, Err(reason));
                    return Ok(());
                }
            }
        }
        prop_assert_eq!(first.map(|image| pnm::encode(&image)), Ok(file));
    }
}

fn step() -> impl Strategy<Value = Step> {
    let sides = || (1..60_usize, 1..60_usize);
    let filters = || prop::sample::select(vec![Filter::Bilinear, Filter::Bicubic, Filter::Lanczos]);
    prop_oneof![
        (sides(), filters()).prop_map(|((height, width), filter)| Step::Resize { height, width, filter }),
        (1..2000_usize, filters()).prop_map(|(side, filter)| Step::ResizeShorter { side, filter }),
        sides().prop_map(|(height, width)| Step::CenterCrop { height, width }),
        (sides(), any::<u64>()).prop_map(|((height, width), seed)| Step::RandomCrop { height, width, seed }),
        (sides(), any::<[u8; 3]>()).prop_map(|((height, width), fill)| Step::Pad { height, width, fill }),
        any::<bool>().prop_map(|horizontal| Step::Flip { horizontal }),
        any::<u8>().prop_map(|quarters| Step::Rotate { quarters }),
        Just(Step::Gray),
    ]
}

#[test]
fn giant_sizes_are_refused_before_memory_is_taken() {
    let giant = |declared: &[u8], at: usize, mut bytes: Vec<u8>| {
        bytes[at..at + declared.len()].copy_from_slice(declared);
        decode(&bytes, None, Limit(89_478_485), &mut Workspace::default()).unwrap_err().to_string()
    };
    let file = jpeg(&drawn(16, 16, 3), |_| ());
    let frame = file.windows(2).position(|pair| pair == [0xFF, 0xC0]).unwrap();
    assert!(giant(&[0xFF; 4], frame + 5, file).contains("65535 × 65535 pixels, more than the limit"));
    let mut png = encode::png(&drawn(16, 16, 3)).unwrap();
    png[16..24].copy_from_slice(&[0x7F, 0xFF, 0xFF, 0xFF, 0x7F, 0xFF, 0xFF, 0xFF]);
    let sum = crc(&png[12..29]);
    assert!(giant(&sum, 29, png).contains("2147483647 × 2147483647 pixels, more than"));
    assert!(giant(b"P6 999999999 999999999 255 ", 0, vec![0; 30]).contains("999999999 × 999999999"));
}

/// The checksum of a PNG's chunk (CRC-32), bit by bit.
fn crc(bytes: &[u8]) -> [u8; 4] {
    let step = |sum: u32, _| if sum & 1 == 1 { sum >> 1 ^ 0xEDB8_8320 } else { sum >> 1 };
    let sum = bytes.iter().fold(u32::MAX, |sum, byte| (0..8).fold(sum ^ u32::from(*byte), step));
    (!sum).to_be_bytes()
}

#[test]
fn a_scaled_file_is_what_the_means_of_its_decoded_pixels_are() {
    // Smooth, so that what is left out of the frequencies is nothing.
    let smooth = |width: usize, height: usize| Pixels {
        width,
        height,
        channels: 3,
        bytes: (0..width * height)
            .flat_map(|at| {
                let (x, y) = ((at % width) as f64 / width as f64, (at / width) as f64 / height as f64);
                [x, y, 1.0 - x * y].map(|value| (value * 200.0 + 20.0) as u8)
            })
            .collect(),
    };
    let samplings =
        [SamplingFactor::F_1_1, SamplingFactor::F_2_1, SamplingFactor::F_1_2, SamplingFactor::F_2_2];
    for sampling in samplings {
        let image = smooth(128, 96);
        let file = jpeg(&image, |encoder| {
            encoder.set_sampling_factor(sampling);
            encoder.set_restart_interval(3);
        });
        let image = decode(&file, None, LIMIT, &mut Workspace::default()).unwrap();
        for block in [1, 2, 4] {
            let first = Step::Resize { height: 12 * block, width: 16 * block, filter: Filter::Bilinear };
            let made = decode(&file, Some(&first), LIMIT, &mut Workspace::default()).unwrap();
            assert_eq!((made.width, made.height), (16 * block, 12 * block));
            let side = 8 / block;
            for (at, value) in made.bytes.iter().enumerate() {
                let (channel, x, y) = (at % 3, at / 3 % made.width, at / 3 / made.width);
                let pixels = (0..side * side).map(|each| (y * side + each / side, x * side + each % side));
                let sum: usize =
                    pixels.map(|(y, x)| usize::from(image.bytes[(y * 128 + x) * 3 + channel])).sum();
                assert!(usize::from(*value).abs_diff(sum / (side * side)) <= 8, "{sampling:?} {block} {at}");
            }
        }
    }
}

#[test]
fn what_ends_too_early_is_refused_when_scaled_too() {
    let file = jpeg(&drawn(120, 120, 3), |encoder| encoder.set_sampling_factor(SamplingFactor::F_2_2));
    let first = Step::Resize { height: 20, width: 20, filter: Filter::Bilinear };
    let half = decode(&file[..file.len() / 2], Some(&first), LIMIT, &mut Workspace::default());
    assert!(half.unwrap_err().to_string().contains("ends too early"));
}
