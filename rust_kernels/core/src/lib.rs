//! Bighead's kernels, with no Python in them.
pub mod aggregate;
pub mod expression;
pub mod image;
pub mod join;
pub mod linear;
pub mod online;
mod parallel;
pub mod plan;
pub mod reader;
pub mod runs;
pub mod sketch;
pub mod text;
pub mod transform;
pub mod tree;
pub mod window;
