//! The temporal join: for each row (a key and a time t) the aggregates of that key's events as they were known at t.
//!
//! `V(key, t) = op{ e : start(t) ≤ event_time ◁ t and available_at ◁ t and not available_to ◁ t }`, where ◁ is < or, if
//! inclusive, ≤; without a column of that name nothing is taken back.
//!
//! 1. Keys become dense numbers (`key`), and events and rows are dealt to buckets of neighbouring keys (`partition`).
//! 2. Buckets go to the cores. In each, events and rows are sorted by (key, time) (`group`).
//! 3. Every window of every row is a range of sorted events (`ranges`). Where a key's events became known in the order
//!    of their times and count for ever, ranges only move forward and two stacks fold them; else a segment tree does,
//!    into which events come, and out of which they are taken, in any order (`evaluate`, `fold`, `changes`).
//!    What needs the values themselves, in order, follows the window with an exact multiset (`collect`, `walk`);
//!    states of bounded size are merged from blocks of events (`sketches`).
//! 4. Answers return to the order of the rows (`output`, `lists`).

mod changes;
mod clock;
mod collect;
mod error;
mod evaluate;
mod fold;
mod group;
mod key;
mod keys;
mod lists;
mod output;
mod partition;
mod plan;
mod ranges;
mod read;
mod read_bytes;
mod segment_tree;
mod sketches;
mod table;
mod temporal_join;
mod tie_break;
mod two_stack;
mod value;
mod walk;

pub use error::JoinError;
pub use plan::{Aggregation, Request};
pub(crate) use read::{floats, integers};
pub(crate) use read_bytes::for_each_bytes;
pub(crate) use table::Span;
pub use table::{Table, TableColumn};
pub use temporal_join::{Joined, temporal_join};
