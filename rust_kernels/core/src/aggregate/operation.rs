//! The names of the operations.

use super::Parameters;
use crate::join::JoinError;

/// What is computed from the values in a window, those that are not null; an empty window is null unless said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// How many; 0 in an empty window.
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
    /// How many a second of the window; 0 in an empty one.
    Rate,
    /// Seconds since the earliest.
    TimeSinceFirst,
    /// Seconds since the latest.
    TimeSinceLast,
    /// Their sum, each weighted by 2^(−age / half-life).
    DecayedSum,
    /// Their variance, over n.
    Variance,
    /// The square root of that.
    Stddev,
    /// The third standardised moment.
    Skew,
    /// The fourth standardised moment, less 3.
    Kurtosis,
    /// The `k`-th before the latest.
    Lag,
    /// The earliest `k`, the earliest first.
    FirstK,
    /// The latest `k`, the latest first.
    LastK,
    /// The largest `k`, the largest first.
    TopK,
    /// The smallest `k`, the smallest first.
    BottomK,
    /// Each value once, ascending.
    Distinct,
    /// How many distinct ones; 0 in an empty window.
    UniqueCount,
    /// The same, but at most `k`.
    BoundedUniqueCount,
    /// The most frequent; the smallest of those that tie.
    Mode,
    /// Each distinct value as text with its count, in the order of the values.
    Histogram,
    /// Quantiles, interpolated linearly between neighbours.
    Percentile,
    /// The quantile 0.5.
    Median,
    /// About how many distinct ones; 0 in an empty window.
    ApproxUniqueCount,
    /// Quantiles, each the middle of the bucket of the value at that place.
    ApproxPercentile,
    /// The `k` most frequent as text with their counts, in the order of the values.
    ApproxHistogramK,
}

use Operation as Op;

impl Operation {
    /// Every operation with its name.
    pub const ALL: [(&'static str, Self); 30] = [
        ("count", Op::Count),
        ("sum", Op::Sum),
        ("average", Op::Average),
        ("min", Op::Min),
        ("max", Op::Max),
        ("first", Op::First),
        ("last", Op::Last),
        ("rate", Op::Rate),
        ("time_since_first", Op::TimeSinceFirst),
        ("time_since_last", Op::TimeSinceLast),
        ("decayed_sum", Op::DecayedSum),
        ("variance", Op::Variance),
        ("stddev", Op::Stddev),
        ("skew", Op::Skew),
        ("kurtosis", Op::Kurtosis),
        ("lag", Op::Lag),
        ("first_k", Op::FirstK),
        ("last_k", Op::LastK),
        ("top_k", Op::TopK),
        ("bottom_k", Op::BottomK),
        ("distinct", Op::Distinct),
        ("unique_count", Op::UniqueCount),
        ("bounded_unique_count", Op::BoundedUniqueCount),
        ("mode", Op::Mode),
        ("histogram", Op::Histogram),
        ("percentile", Op::Percentile),
        ("median", Op::Median),
        ("approx_unique_count", Op::ApproxUniqueCount),
        ("approx_percentile", Op::ApproxPercentile),
        ("approx_histogram_k", Op::ApproxHistogramK),
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
        matches!(self, Op::First | Op::Last | Op::Lag | Op::FirstK | Op::LastK)
    }

    /// Whether the result is the time that passed since an event.
    #[must_use]
    #[inline]
    pub fn is_elapsed(self) -> bool {
        matches!(self, Op::TimeSinceFirst | Op::TimeSinceLast)
    }

    /// Whether the values are added, which text, times and truth values cannot be.
    #[must_use]
    pub fn adds(self) -> bool {
        self.is_moment()
            || matches!(self, Op::Sum | Op::Average | Op::DecayedSum | Op::Median)
            || self.is_percentile()
    }

    /// Whether the result follows from the first four moments.
    #[must_use]
    pub fn is_moment(self) -> bool {
        matches!(self, Op::Variance | Op::Stddev | Op::Skew | Op::Kurtosis)
    }

    /// Whether the results are quantiles.
    #[must_use]
    pub fn is_percentile(self) -> bool {
        matches!(self, Op::Percentile | Op::ApproxPercentile)
    }

    /// Whether the result is a list of values as text with their counts.
    #[must_use]
    pub fn is_histogram(self) -> bool {
        matches!(self, Op::Histogram | Op::ApproxHistogramK)
    }

    /// Whether the result is a list of values.
    #[must_use]
    pub fn is_list(self) -> bool {
        matches!(self, Op::FirstK | Op::LastK | Op::TopK | Op::BottomK | Op::Distinct)
    }

    /// Whether `k` says how many or which.
    #[must_use]
    pub fn takes_k(self) -> bool {
        let is_bound = matches!(self, Op::Lag | Op::BoundedUniqueCount | Op::ApproxHistogramK);
        is_bound || (self.is_list() && self != Op::Distinct)
    }

    /// Says which parameter is missing or out of its range.
    #[must_use]
    pub fn lacks(self, parameters: &Parameters) -> Option<&'static str> {
        let is_share = |quantile: &f64| (0.0..=1.0).contains(quantile);
        let Parameters { k, quantiles, half_life } = parameters;
        match self {
            operation if operation.takes_k() => (*k == 0).then_some("k, at least 1"),
            Op::Percentile | Op::ApproxPercentile => {
                let fits = !quantiles.is_empty() && quantiles.iter().all(is_share);
                (!fits).then_some("quantiles, each from 0 to 1")
            }
            Op::DecayedSum => (*half_life <= 0).then_some("half_life, a positive number of microseconds"),
            _ => None,
        }
    }
}
