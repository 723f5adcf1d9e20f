//! The names of the operations.

use crate::join::JoinError;

/// What is computed from the values in a window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// How many values that are not null; 0 in an empty window.
    Count,
    /// Their sum: exact for integers, null where it does not fit 64 bits.
    Sum,
    /// Their arithmetic mean as a float.
    Average,
    /// The smallest.
    Min,
    /// The largest.
    Max,
    /// The earliest by (event time, available at, tie break).
    First,
    /// The latest by the same order.
    Last,
}

impl Operation {
    /// Every operation with its name.
    pub const ALL: [(&'static str, Self); 7] = [
        ("count", Self::Count),
        ("sum", Self::Sum),
        ("average", Self::Average),
        ("min", Self::Min),
        ("max", Self::Max),
        ("first", Self::First),
        ("last", Self::Last),
    ];

    /// Finds the operation called `name`.
    pub fn parse(name: &str) -> Result<Self, JoinError> {
        let found = Self::ALL.iter().find(|(known, _)| *known == name);
        found.map(|(_, operation)| *operation).ok_or_else(|| JoinError::UnknownOperation {
            seen: name.to_owned(),
            known: Self::ALL.map(|(known, _)| known).join(", "),
        })
    }

    /// The operation's name.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(_, operation)| *operation == self).map_or("", |(name, _)| name)
    }

    /// Whether the result depends on the order of the events.
    #[must_use]
    pub fn is_ordered(self) -> bool {
        matches!(self, Self::First | Self::Last)
    }

    /// Whether the values are added, which text, times and truth values cannot be.
    #[must_use]
    pub fn adds(self) -> bool {
        matches!(self, Self::Sum | Self::Average)
    }
}
