//! The merge algebra: `prepare, update, merge, finalize` over one column's values.
//!
//! A [`State`] holds what every operation of the spine needs, so that one pass serves them all. Its merge is
//! associative and keeps order: the left side holds the earlier events. Floats are merged, never subtracted.

mod operation;
mod state;
mod value;

pub use operation::Operation;
pub use state::State;
pub use value::Value;
