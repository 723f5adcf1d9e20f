//! The merge algebra: what is `prepare`d from one value, `merge`d over many and `finalize`d into an answer.
//!
//! Every merge is associative and commutative (floats up to rounding), so that a window may be folded from any
//! cover of its events. Nothing is ever subtracted: a float sum keeps the error bound of a plain sum. What needs the
//! whole of a window's values (its quantiles, its distinct values) counts them in `OrderedCounts`, exactly.

mod decayed;
mod ends;
mod extremes;
mod float_order;
mod moments;
mod operation;
mod ordered_counts;
mod parameters;
mod quantile;
mod sums;

pub use decayed::DecayedSum;
pub use ends::{First, Last};
pub use extremes::{Largest, Smallest};
pub use float_order::{number_of, order_of};
pub use moments::Moments;
pub use operation::Operation;
pub use ordered_counts::OrderedCounts;
pub use parameters::Parameters;
pub use quantile::interpolate;
pub use sums::{Count, FloatSum, IntegerSum};

/// One way of folding the values of a window into a state.
pub trait Fold {
    /// What is folded.
    type Value: Copy;
    /// What has been folded.
    type State: Copy + Send + Sync;
    /// The state of no value: merging it changes nothing.
    const EMPTY: Self::State;

    /// The state of one value.
    fn prepare(value: Self::Value) -> Self::State;

    /// The state of two disjoint sets of values.
    fn merge(left: Self::State, right: Self::State) -> Self::State;

    /// Adds a value to a state.
    #[inline]
    fn update(state: &mut Self::State, value: Self::Value) {
        *state = Self::merge(*state, Self::prepare(value));
    }

    /// What `operation` answers at time `t` for `count` values folded into `state`; `count` is at least 1.
    fn finalize(state: Self::State, count: u32, operation: Operation, t: i64) -> Answer;
}

/// What an operation answers for a window that is not empty.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Answer {
    /// An integer, a rank or a time.
    Integer(i64),
    /// A float.
    Float(f64),
    /// The value of the event at a position.
    At(u32),
    /// The seconds from the event at a position until the row's time.
    Since(u32),
    /// Nothing: the values say nothing of the kind.
    Nothing,
    /// A sum that does not fit its type.
    Overflow,
}
