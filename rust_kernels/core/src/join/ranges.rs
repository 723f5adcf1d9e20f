//! For every row of a bucket: which of its key's events each window spans.

use std::ops::Range;

use super::JoinError;
use super::changes::Held;
use super::group::Grouped;
use crate::window::Window;

/// One key's events and rows within the bucket.
pub struct Key {
    /// Its sorted events.
    pub events: Range<usize>,
    /// Its sorted rows.
    pub rows: Range<usize>,
    /// The events' places in the order they became known, where that is not the order of their times.
    pub arrivals: Option<Vec<u32>>,
    /// The places of those that do not count for ever, in the order in which they cease to.
    pub departures: Vec<u32>,
}

/// A bucket's windows as ranges of its sorted events.
pub struct Ranges {
    /// The keys that have rows.
    pub keys: Vec<Key>,
    /// For each window and row, the first event that is not too old.
    pub lows: Vec<Vec<u32>>,
    /// For each window that may end before its question, and row, the first event that is too young.
    pub ends: Vec<Option<Vec<u32>>>,
    /// For each row, the end of the events known; without meaning where events became known out of order or are taken back.
    pub highs: Vec<u32>,
    /// For each row, one past the times that an event may be known at.
    pub limits: Vec<i64>,
}

impl Ranges {
    /// Finds the ranges; `held` says when the sorted events became known, if not at once, and `bounds` the rows'
    /// bound columns, sorted as they are.
    pub fn new(
        events: &Grouped,
        held: Option<Held<'_>>,
        rows: &Grouped,
        bounds: &[Vec<Option<i64>>],
        windows: &[Window],
        inclusive: bool,
    ) -> Result<Self, JoinError> {
        let count = rows.times.len();
        let limits = rows.times.iter().map(|t| t.saturating_add(i64::from(inclusive))).collect();
        let lows = vec![vec![0; count]; windows.len()];
        let ends = windows.iter().map(|window| window.ends_early().then(|| vec![0; count])).collect();
        let mut ranges = Self { keys: Vec::new(), lows, ends, highs: vec![0; count], limits };
        let bound = |row: usize| move |column: usize| bounds[column][row];
        for place in 0..rows.starts.len() - 1 {
            let (own, asked) = (events.key(place), rows.key(place));
            if asked.is_empty() {
                continue;
            }
            let departures =
                held.and_then(|held| held.until).map_or_else(Vec::new, |until| departures(&own, until));
            let arrivals = held.and_then(|held| arrivals(&own, held.known, !departures.is_empty()));
            if arrivals.is_none() {
                let times = held.map_or(events.times.as_slice(), |held| held.known);
                let limits = asked.clone().map(|row| ranges.limits[row]);
                advance(times, own.clone(), limits, &mut ranges.highs[asked.clone()]);
            }
            for ((window, lows), ends) in windows.iter().zip(&mut ranges.lows).zip(&mut ranges.ends) {
                let starts = asked.clone().map(|row| window.start(rows.times[row], bound(row)));
                let until = asked
                    .clone()
                    .map(|row| window.end(rows.times[row], bound(row)).unwrap_or(rows.times[row]));
                if matches!(window, Window::Bounds { .. }) {
                    forward(starts.clone())?;
                    forward(until.clone())?;
                }
                advance(&events.times, own.clone(), starts, &mut lows[asked.clone()]);
                if let Some(ends) = ends {
                    advance(&events.times, own.clone(), until, &mut ends[asked.clone()]);
                }
            }
            ranges.keys.push(Key { events: own, rows: asked, arrivals, departures });
        }
        Ok(ranges)
    }

    /// The events of a window, where they became known in order.
    #[inline]
    #[must_use]
    pub fn range(&self, window: usize, row: usize) -> Range<usize> {
        let known = self.highs[row];
        let high = self.ends[window].as_ref().map_or(known, |ends| known.min(ends[row]));
        self.lows[window][row].min(high) as usize..high as usize
    }

    /// The events of a window, known or not, where they became known out of order; places within the key.
    #[inline]
    #[must_use]
    pub fn span(&self, key: &Key, window: usize, row: usize) -> Range<usize> {
        let end = self.ends[window].as_ref().map_or(key.events.end, |ends| ends[row] as usize);
        let low = (self.lows[window][row] as usize).min(end);
        low - key.events.start..end - key.events.start
    }

    /// The events of a window, and where they became known out of order also those not known yet.
    #[must_use]
    pub fn places(&self, key: &Key, window: usize, row: usize) -> Range<usize> {
        if key.arrivals.is_none() {
            return self.range(window, row);
        }
        let (span, first) = (self.span(key, window, row), key.events.start);
        span.start + first..span.end + first
    }
}

/// Refuses bounds that go back where t goes on: what is folded only moves forward.
fn forward(bounds: impl Iterator<Item = i64>) -> Result<(), JoinError> {
    if bounds.is_sorted() { Ok(()) } else { Err(JoinError::BoundsGoBack) }
}

fn arrivals(own: &Range<usize>, known: &[i64], depart: bool) -> Option<Vec<u32>> {
    let in_order = known[own.clone()].is_sorted();
    if in_order && !depart {
        return None;
    }
    let mut order: Vec<u32> = (own.start as u32..own.end as u32).collect();
    if !in_order {
        order.sort_by_key(|place| known[*place as usize]);
    }
    Some(order)
}

fn departures(own: &Range<usize>, until: &[i64]) -> Vec<u32> {
    let ends = |place: &u32| until[*place as usize];
    let mut order: Vec<u32> =
        (own.start as u32..own.end as u32).filter(|place| ends(place) < i64::MAX).collect();
    order.sort_by_key(ends);
    order
}

/// For each of the growing limits, the first place from which on no time is below it.
fn advance(times: &[i64], own: Range<usize>, limits: impl Iterator<Item = i64>, into: &mut [u32]) {
    let mut place = own.start;
    for (limit, slot) in limits.zip(into) {
        // Strides double, so that few rows among many events do not visit each of them.
        let mut stride = 1;
        while place + stride <= own.end && times[place + stride - 1] < limit {
            place += stride;
            stride *= 2;
        }
        let end = own.end.min(place + stride - 1);
        place += times[place..end].partition_point(|time| *time < limit);
        *slot = place as u32;
    }
}
