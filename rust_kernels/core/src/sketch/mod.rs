//! States of bounded size that answer about many values, approximately, and merge.
//!
//! | state | answers | error | merge |
//! |---|---|---|---|
//! | `HyperLogLog` | how many distinct | 1.6 % (one standard deviation) | exact: as if all were folded into one |
//! | `ValueBuckets` | quantiles | 0.8 % of the value | exact: as if all were folded into one |
//! | `Frequent` | the most frequent | counts short by at most n / (counters + 1) | keeps the bound |
//!
//! None draws at random, so that the same values in the same tree of merges give the same bytes. Each writes itself as a
//! byte that names its layout and then fixed little-endian fields; reading refuses other layouts and what is cut short.

mod bytes;
mod frequent;
mod hyper_log_log;
mod value_buckets;

pub use bytes::{Item, SketchError};
pub use frequent::Frequent;
pub use hyper_log_log::{HyperLogLog, hash_bits, hash_bytes};
pub use value_buckets::{ValueBuckets, bucket_of, value_of};

/// A state that values are folded into.
pub trait Sketch: Clone {
    /// What is folded.
    type Item;

    /// Adds one.
    fn update(&mut self, item: Self::Item);

    /// Adds all that another state holds.
    fn merge(&mut self, other: &Self);
}
