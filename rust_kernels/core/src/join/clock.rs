//! The times of one bucket, for the answers that depend on them.

use crate::aggregate::Answer;
use crate::window::Window;

const SECOND: f64 = 1e6;

/// Times in microseconds, of sorted events and sorted rows.
#[derive(Clone, Copy)]
pub struct Clock<'a> {
    /// When events happened.
    pub events: &'a [i64],
    /// When rows ask.
    pub rows: &'a [i64],
    /// The rows' columns that bound windows.
    pub bounds: &'a [Vec<Option<i64>>],
    /// The windows.
    pub windows: &'a [Window],
}

impl Clock<'_> {
    /// The seconds from an event until a row asks.
    #[must_use]
    pub fn since(&self, place: u32, row: usize) -> Answer {
        let elapsed = i128::from(self.rows[row]) - i128::from(self.events[place as usize]);
        Answer::Float(elapsed as f64 / SECOND)
    }

    /// How many of `count` a second of a row's window; nothing where that has no start or no length.
    #[must_use]
    pub fn rate(&self, count: u32, window: usize, row: usize) -> Answer {
        let (t, window, bound) =
            (self.rows[row], self.windows[window], |column: usize| self.bounds[column][row]);
        let (start, end) = (window.start(t, bound), window.end(t, bound).map_or(t, |end| end.min(t)));
        let length = (i128::from(end) - i128::from(start)) as f64 / SECOND;
        if start == i64::MIN || length <= 0.0 {
            Answer::Nothing
        } else {
            Answer::Float(f64::from(count) / length)
        }
    }
}
