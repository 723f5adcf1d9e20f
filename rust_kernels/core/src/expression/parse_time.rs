//! Times in texts, by a pattern with the groups Y, m, d, H, M, S, f (a fraction) and z (`Z` or an offset).
use std::sync::LazyLock;

use regex::{Captures, Regex};

use super::calendar::{DAY, days, in_range};
use super::spec::SpecError;

const DATE: &str = "(?P<Y>[0-9]{4})-(?P<m>[0-9]{2})-(?P<d>[0-9]{2})";
const CLOCK: &str = "[ T](?P<H>[0-9]{2}):(?P<M>[0-9]{2})(?::(?P<S>[0-9]{2})(?:[.](?P<f>[0-9]{1,9}))?)?";
const ZONE: &str = "(?P<z>Z|[+-][0-9]{2}:[0-9]{2})";
const NAMES: [&str; 8] = ["Y", "m", "d", "H", "M", "S", "f", "z"];

static ISO_DATE: LazyLock<Pattern> = LazyLock::new(|| Pattern::known(&format!("^{DATE}$")));
static ISO_LOCAL: LazyLock<Pattern> = LazyLock::new(|| Pattern::known(&format!("^{DATE}(?:{CLOCK})?$")));
static ISO_INSTANT: LazyLock<Pattern> = LazyLock::new(|| Pattern::known(&format!("^{DATE}{CLOCK}{ZONE}$")));

/// A pattern, and where its groups are.
pub(super) struct Pattern {
    regex: Regex,
    groups: [Option<usize>; 8],
}

impl Pattern {
    pub(super) fn new(text: &str) -> Result<Self, SpecError> {
        let regex = Regex::new(text).map_err(|error| SpecError(error.to_string()))?;
        let groups = NAMES.map(|name| regex.capture_names().position(|known| known == Some(name)));
        Ok(Self { regex, groups })
    }

    fn known(text: &str) -> Self {
        Self::new(text).expect("a pattern of this file")
    }

    /// What a cast to a date reads.
    pub(super) fn iso_date() -> &'static Self {
        &ISO_DATE
    }

    /// What a cast to a timestamp reads.
    pub(super) fn iso_local() -> &'static Self {
        &ISO_LOCAL
    }

    /// What a cast to an instant reads.
    pub(super) fn iso_instant() -> &'static Self {
        &ISO_INSTANT
    }

    /// The days since 1970 of a text.
    pub(super) fn days(&self, text: &str) -> Option<i64> {
        self.day(&self.regex.captures(text)?)
    }

    /// The microseconds since 1970 of a text, its offset taken off.
    pub(super) fn micros(&self, text: &str) -> Option<i64> {
        let found = self.regex.captures(text)?;
        let day = self.day(&found)?;
        let (hour, minute, second) =
            (self.number(&found, 3)?, self.number(&found, 4)?, self.number(&found, 5)?);
        if hour > 23 || minute > 59 || second > 59 {
            return None;
        }
        let fraction = self.group(&found, 6).unwrap_or("");
        let fraction = (0..6).fold(0, |sum, at| {
            sum * 10 + fraction.as_bytes().get(at).map_or(0, |digit| i64::from(digit - b'0'))
        });
        let offset = offset(self.group(&found, 7).unwrap_or("Z"))?;
        let clock = ((hour * 60 + minute - offset) * 60 + second) * 1_000_000 + fraction;
        in_range(day * DAY + clock)
    }

    fn day(&self, found: &Captures<'_>) -> Option<i64> {
        let (year, month, day) = (self.number(found, 0)?, self.number(found, 1)?, self.number(found, 2)?);
        let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        let last = match month {
            2 => 28 + i64::from(leap),
            4 | 6 | 9 | 11 => 30,
            _ => 31,
        };
        let is_day = year >= 1 && (1..=12).contains(&month) && (1..=last).contains(&day);
        is_day.then(|| days(year, month, day))
    }

    fn group<'t>(&self, found: &Captures<'t>, place: usize) -> Option<&'t str> {
        found.get(self.groups[place]?).map(|part| part.as_str())
    }

    /// A part as a number; one that lacks is 0.
    fn number(&self, found: &Captures<'_>, place: usize) -> Option<i64> {
        self.group(found, place).map_or(Some(0), |part| part.parse().ok())
    }
}

/// The minutes of `Z` or `+01:00`.
fn offset(zone: &str) -> Option<i64> {
    if zone == "Z" {
        return Some(0);
    }
    let (hours, minutes) =
        (zone.get(1..3)?.parse::<i64>().ok()?, zone.get(zone.len() - 2..)?.parse::<i64>().ok()?);
    let away = hours * 60 + minutes;
    (hours < 24 && minutes < 60).then_some(if zone.starts_with('-') { -away } else { away })
}
