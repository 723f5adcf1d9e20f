//! The state of one column over a set of events.

use super::{Operation, Value};
use crate::join::OutputColumn;

/// Count, sum, extremes and ends of a sequence of values.
#[derive(Clone, Copy, Debug)]
pub struct State<V: Value> {
    /// How many values.
    pub count: i64,
    /// Their sum.
    pub sum: V::Sum,
    /// The smallest; meaningless where `count` is 0.
    pub min: V,
    /// The largest; meaningless where `count` is 0.
    pub max: V,
    /// The earliest; meaningless where `count` is 0.
    pub first: V,
    /// The latest; meaningless where `count` is 0.
    pub last: V,
}

impl<V: Value> State<V> {
    /// The state of no event.
    pub const EMPTY: Self = Self {
        count: 0,
        sum: V::ZERO,
        min: V::NOTHING,
        max: V::NOTHING,
        first: V::NOTHING,
        last: V::NOTHING,
    };

    /// The state of one event; a null value counts as none.
    #[must_use]
    #[inline]
    pub fn prepare(value: Option<V>) -> Self {
        match value {
            None => Self::EMPTY,
            Some(v) => Self { count: 1, sum: v.widen(), min: v, max: v, first: v, last: v },
        }
    }

    /// The state of the events of `self` followed by those of `later`.
    #[must_use]
    #[inline]
    pub fn merge(self, later: Self) -> Self {
        if later.count == 0 {
            return self;
        }
        if self.count == 0 {
            return later;
        }
        Self {
            count: self.count + later.count,
            sum: V::add(self.sum, later.sum),
            min: self.min.smaller(later.min),
            max: self.max.larger(later.max),
            first: self.first,
            last: later.last,
        }
    }

    /// Adds one event that is later than all before.
    #[inline]
    pub fn update(&mut self, value: Option<V>) {
        *self = self.merge(Self::prepare(value));
    }

    /// Writes the operation's value into a slot; returns false where a sum did not fit, which stays null.
    #[inline]
    pub fn finalize(&self, operation: Operation, into: &mut OutputColumn, slot: usize) -> bool {
        if operation == Operation::Count {
            into.put_integer(slot, self.count);
            return true;
        }
        if self.count == 0 {
            return true;
        }
        match operation {
            Operation::Sum => match V::narrow(self.sum) {
                Some(sum) => sum.put(into, slot),
                None => return false,
            },
            Operation::Average => match V::mean(self.sum, self.count) {
                mean if mean.is_finite() => into.put_float(slot, mean),
                _ => return false,
            },
            Operation::Min => self.min.put(into, slot),
            Operation::Max => self.max.put(into, slot),
            Operation::First => self.first.put(into, slot),
            Operation::Last => self.last.put(into, slot),
            Operation::Count => {}
        }
        true
    }
}
