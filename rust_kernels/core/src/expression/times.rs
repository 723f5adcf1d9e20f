//! Times: parts, starts of units, zones.
use chrono::{DateTime, LocalResult, TimeZone, Utc};
use chrono_tz::Tz;

use super::calendar::{DAY, civil, days, in_range, week};
use super::numbers::whole;
use super::parse_time::Pattern;
use super::spec::SpecError;
use super::strict::Strict;
use super::value::Value;

const SECOND: i64 = 1_000_000;

/// The primitive of a name, where it is one of these.
pub(super) fn primitive(op: &str) -> Option<Strict> {
    Some(match op {
        "year" => of_day(|day| civil(day).0),
        "quarter" => of_day(|day| (civil(day).1 + 2) / 3),
        "month" => of_day(|day| civil(day).1),
        "day" => of_day(|day| civil(day).2),
        "dow" => of_day(|day| (day + 4).rem_euclid(7)),
        "isodow" => of_day(|day| (day + 3).rem_euclid(7) + 1),
        "doy" => of_day(|day| day - days(civil(day).0, 1, 1) + 1),
        "hour" => Strict::int(|time| Some(time.rem_euclid(DAY) / (3_600 * SECOND))),
        "minute" => Strict::int(|time| Some(time.rem_euclid(3_600 * SECOND) / (60 * SECOND))),
        "second" => Strict::int(|time| Some(time.rem_euclid(60 * SECOND) / SECOND)),
        "epoch" => Strict::new(|args| match args {
            [Value::Int(time)] => Value::Float(*time as f64 / 1e6),
            _ => Value::Null,
        }),
        "add_time" => Strict::ints(|a, b| a.checked_add(b).and_then(in_range)),
        "sub_time" => Strict::ints(|a, b| a.checked_sub(b).and_then(in_range)),
        "from_epoch" => Strict::int(|x| x.checked_mul(SECOND).and_then(in_range)),
        "from_epoch_float" => Strict::new(|args| match args {
            [Value::Float(x)] => Value::int(whole((x * 1e6).floor()).and_then(in_range)),
            _ => Value::Null,
        }),
        "date_to_timestamp" => Strict::int(|day| day.checked_mul(DAY).and_then(in_range)),
        "timestamp_to_date" => Strict::int(|time| Some(time.div_euclid(DAY))),
        "date_to_text" => Strict::new(|args| match args {
            [Value::Int(day)] => {
                let (year, month, day) = civil(*day);
                Value::text(format!("{year:04}-{month:02}-{day:02}"))
            }
            _ => Value::Null,
        }),
        "text_to_date" => Strict::text_to_int(|text| Pattern::iso_date().days(text)),
        "text_to_timestamp" => Strict::text_to_int(|text| Pattern::iso_local().micros(text)),
        "text_to_instant" => Strict::text_to_int(|text| Pattern::iso_instant().micros(text)),
        _ => return None,
    })
}

/// A primitive with a unit, zone or format that the expression spells out, and the places of its other arguments.
pub(super) fn spelled<'s>(
    op: &str,
    text: impl Fn(usize) -> Result<&'s str, SpecError>,
) -> Result<Option<(Strict, Vec<usize>)>, SpecError> {
    Ok(Some(match op {
        "trunc" => (start_of(unit(text(0)?)?), vec![1]),
        "trunc_date" => {
            let unit = unit(text(0)?)?;
            (
                Strict::int(move |day| unit.start(day.checked_mul(DAY)?).map(|time| time.div_euclid(DAY))),
                vec![1],
            )
        }
        "date_diff" => {
            let unit = unit(text(0)?)?;
            (Strict::ints(move |a, b| Some(unit.begun(b) - unit.begun(a))), vec![1, 2])
        }
        "to_instant" => {
            let zone = zone(text(1)?)?;
            (Strict::int(move |local| to_instant(local, zone)), vec![0])
        }
        "to_local" => {
            let zone = zone(text(1)?)?;
            (Strict::int(move |instant| to_local(instant, zone)), vec![0])
        }
        "parse_time" | "parse_instant" => {
            let pattern = Pattern::new(text(1)?)?;
            (Strict::text_to_int(move |x| pattern.micros(x)), vec![0])
        }
        "parse_local" => {
            let (pattern, zone) = (Pattern::new(text(1)?)?, zone(text(2)?)?);
            (Strict::text_to_int(move |x| to_instant(pattern.micros(x)?, zone)), vec![0])
        }
        _ => return Ok(None),
    }))
}

fn of_day(part: fn(i64) -> i64) -> Strict {
    Strict::int(move |time| Some(part(time.div_euclid(DAY))))
}

fn start_of(unit: Unit) -> Strict {
    Strict::int(move |time| unit.start(time))
}

/// A unit of time: of a fixed length, weeks from Monday on, or so many months.
#[derive(Clone, Copy)]
enum Unit {
    Fixed(i64),
    Week,
    Months(i64),
}

fn unit(name: &str) -> Result<Unit, SpecError> {
    Ok(match name {
        "microsecond" => Unit::Fixed(1),
        "millisecond" => Unit::Fixed(1_000),
        "second" => Unit::Fixed(SECOND),
        "minute" => Unit::Fixed(60 * SECOND),
        "hour" => Unit::Fixed(3_600 * SECOND),
        "day" => Unit::Fixed(DAY),
        "week" => Unit::Week,
        "month" => Unit::Months(1),
        "quarter" => Unit::Months(3),
        "year" => Unit::Months(12),
        other => return Err(SpecError(format!("{other:?} is no unit of time"))),
    })
}

impl Unit {
    /// How many of them had begun by a time, since whenever.
    fn begun(self, time: i64) -> i64 {
        match self {
            Self::Fixed(length) => time.div_euclid(length),
            Self::Week => week(time.div_euclid(DAY)),
            Self::Months(count) => {
                let (year, month, _) = civil(time.div_euclid(DAY));
                (year * 12 + month - 1).div_euclid(count)
            }
        }
    }

    /// When the one of a time began.
    fn start(self, time: i64) -> Option<i64> {
        let begun = self.begun(time);
        in_range(match self {
            Self::Fixed(length) => begun.checked_mul(length)?,
            Self::Week => (begun * 7 - 3).checked_mul(DAY)?,
            Self::Months(count) => {
                let months = begun * count;
                days(months.div_euclid(12), months.rem_euclid(12) + 1, 1).checked_mul(DAY)?
            }
        })
    }
}

fn zone(name: &str) -> Result<Tz, SpecError> {
    name.parse().map_err(|_| SpecError(format!("{name:?} is no zone")))
}

fn to_local(instant: i64, zone: Tz) -> Option<i64> {
    let there = DateTime::from_timestamp_micros(instant)?.with_timezone(&zone);
    in_range(there.naive_local().and_utc().timestamp_micros())
}

/// The instant of a local time; none where the zone's clocks showed it twice or never.
fn to_instant(local: i64, zone: Tz) -> Option<i64> {
    let naive = DateTime::<Utc>::from_timestamp_micros(local)?.naive_utc();
    match zone.from_local_datetime(&naive) {
        LocalResult::Single(found) => in_range(found.timestamp_micros()),
        _ => None,
    }
}
