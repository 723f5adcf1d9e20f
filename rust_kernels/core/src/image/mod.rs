//! Encoded images to pixels, tensors and numbers, one idea a file.
//!
//! One function works on one image; columns and single rows both call it. Whatever the bytes, the answer is pixels or a
//! reason: sizes are checked before memory is taken, and nothing panics.
pub mod color;
pub mod columns;
pub mod crop;
pub mod decode;
pub mod encode;
mod exif;
pub mod hash;
pub mod histogram;
mod jpeg;
pub mod orientation;
pub mod pad;
pub mod pixels;
mod png;
pub mod pnm;
pub mod program;
pub mod refusal;
pub mod resize;
mod scaled;
pub mod tensor;
pub mod workspace;

#[cfg(test)]
mod tests;
