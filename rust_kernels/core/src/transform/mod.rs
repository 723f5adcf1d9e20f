//! Preprocessing, one idea a file. Each idea is one scalar function; columns and single rows both call it, so that
//! what a model saw in training is bit for bit what it sees when it serves.
pub mod affine;
pub mod categories;
pub mod columns;
pub mod combine;
pub mod fill;
pub mod hash;
pub mod index;
pub mod map;
pub mod mean_std;
pub mod one_hot;
pub mod power;
pub mod short_texts;
