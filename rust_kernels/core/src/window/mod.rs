//! Where a window starts and ends.

const DAY: i64 = 86_400_000_000;

/// How a window `[start(t), end(t))` follows from t; times and lengths in microseconds.
///
/// Whatever its end, a window shows nothing that happened or became known at or after t (after t, if inclusive).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Window {
    /// Starts at `t − length`, floored to a multiple of `hop` on the UTC epoch.
    Sawtooth {
        /// How far back.
        length: i64,
        /// The grain of the start.
        hop: i64,
    },
    /// Starts exactly at `t − length`.
    Sliding {
        /// How far back.
        length: i64,
    },
    /// The last complete bucket: buckets of `length` follow one another from `offset` on, both ways.
    Tumbling {
        /// How long a bucket is.
        length: i64,
        /// Where one of them starts.
        offset: i64,
    },
    /// Ends at the newest UTC midnight m with `m + landing ≤ t`.
    Snapshot {
        /// How far back from m.
        length: i64,
        /// How long after its midnight a day is complete.
        landing: i64,
    },
    /// As two columns of the row say, given by their places among the bound columns.
    Bounds {
        /// The column of starts; without one, or where it is null, there is no start.
        start: Option<usize>,
        /// The column of ends; without one, or where it is null, the window ends at t.
        end: Option<usize>,
    },
    /// Everything before t.
    Unbounded,
}

impl Window {
    /// The earliest event time inside the window of `t`; flooring goes towards −∞, also before 1970.
    ///
    /// `bounds` gives the row's value in a bound column.
    #[must_use]
    #[inline]
    pub fn start(self, t: i64, bounds: impl Fn(usize) -> Option<i64>) -> i64 {
        match self {
            Self::Sawtooth { length, hop } => floor(t.saturating_sub(length), hop),
            Self::Sliding { length } => t.saturating_sub(length),
            Self::Tumbling { length, offset } => last_edge(t, length, offset).saturating_sub(length),
            Self::Snapshot { length, landing } => landed(t, landing).saturating_sub(length),
            Self::Bounds { start, .. } => start.and_then(bounds).unwrap_or(i64::MIN),
            Self::Unbounded => i64::MIN,
        }
    }

    /// The first event time after the window of `t`, where that is another than t itself.
    #[must_use]
    #[inline]
    pub fn end(self, t: i64, bounds: impl Fn(usize) -> Option<i64>) -> Option<i64> {
        match self {
            Self::Tumbling { length, offset } => Some(last_edge(t, length, offset)),
            Self::Snapshot { landing, .. } => Some(landed(t, landing)),
            Self::Bounds { end, .. } => end.and_then(bounds),
            Self::Sawtooth { .. } | Self::Sliding { .. } | Self::Unbounded => None,
        }
    }

    /// Whether the window may end before t.
    #[must_use]
    pub fn ends_early(self) -> bool {
        match self {
            Self::Tumbling { .. } | Self::Snapshot { .. } => true,
            Self::Bounds { end, .. } => end.is_some(),
            Self::Sawtooth { .. } | Self::Sliding { .. } | Self::Unbounded => false,
        }
    }
}

fn floor(t: i64, grain: i64) -> i64 {
    t.saturating_sub(t.rem_euclid(grain))
}

/// The newest bucket's edge at or before `t`: edges lie `grain` apart, one of them at `offset`.
fn last_edge(t: i64, grain: i64, offset: i64) -> i64 {
    let shift = offset.rem_euclid(grain);
    floor(t.saturating_sub(shift), grain).saturating_add(shift)
}

/// The newest UTC midnight whose day has landed at `t`.
fn landed(t: i64, landing: i64) -> i64 {
    floor(t.saturating_sub(landing), DAY)
}

#[cfg(test)]
mod tests;
