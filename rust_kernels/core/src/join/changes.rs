//! One key's events as rows go by: which become known, and which no longer count.
//!
//! An event counts for the rows with known < limit ≤ until. Arrivals come in the order of `known`, departures in that of
//! `until`; at one row arrivals come first, so that what departs has arrived.

use super::ranges::{Key, Ranges};

/// When sorted events became known, and from when on they no longer count.
#[derive(Clone, Copy)]
pub struct Held<'a> {
    /// When they became known.
    pub known: &'a [i64],
    /// From when on they no longer count, never before they are known; without it each counts for ever.
    pub until: Option<&'a [i64]>,
}

/// What happens to an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// The event at a place becomes known.
    Arrives(usize),
    /// It no longer counts.
    Departs(usize),
}

/// A key's changes that are still to come.
pub struct Changes<'a> {
    held: Option<Held<'a>>,
    arrivals: &'a [u32],
    departures: &'a [u32],
    limits: &'a [i64],
}

impl<'a> Changes<'a> {
    /// All changes of a key, none where its events became known in order and count for ever.
    #[must_use]
    pub fn new(key: &'a Key, held: Option<Held<'a>>, ranges: &'a Ranges) -> Self {
        let arrivals = key.arrivals.as_deref().unwrap_or_default();
        Self { held, arrivals, departures: &key.departures, limits: &ranges.limits }
    }

    /// The next change that a row, no earlier than the one asked about before, has seen.
    #[inline]
    pub fn next(&mut self, row: usize) -> Option<Change> {
        let (held, limit) = (self.held?, self.limits[row]);
        if let Some((place, rest)) = self.arrivals.split_first()
            && held.known[*place as usize] < limit
        {
            self.arrivals = rest;
            return Some(Change::Arrives(*place as usize));
        }
        let (place, rest) = self.departures.split_first()?;
        if held.until?[*place as usize] >= limit {
            return None;
        }
        self.departures = rest;
        Some(Change::Departs(*place as usize))
    }
}
