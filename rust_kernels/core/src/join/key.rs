//! Composite keys as dense numbers: equal tuples, and only they, get the same one.
//!
//! The rows that ask define the keys. Each column's values are numbered, then pairs of numbers are numbered in turn,
//! so that ("1", "23") and ("12", "3") stay apart. Events of keys that nobody asks for are dropped on the way.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use arrow_schema::DataType;

use super::JoinError;
use super::read::{holds_integers, integers};
use super::read_bytes::{for_each_bytes, holds_bytes, holds_text};
use super::table::{Span, Table, TableColumn};
use crate::parallel;

/// The number of a key that is null, or that no row asks for.
pub const NO_KEY: u32 = u32::MAX;

const KEYS: &str = "integers, text, bytes, truth values, dates, times or timestamps as a key";

/// Multiplies and folds integers; text goes through XXH3.
#[derive(Default)]
pub struct Mix(u64);

impl Hasher for Mix {
    fn write(&mut self, bytes: &[u8]) {
        self.0 = xxhash_rust::xxh3::xxh3_64_with_seed(bytes, self.0);
    }

    fn write_u8(&mut self, value: u8) {
        self.0 = self.0.rotate_left(8) ^ u64::from(value);
    }

    fn write_u64(&mut self, value: u64) {
        let product = u128::from(value ^ self.0) * 0x9E37_79B9_7F4A_7C15_u128;
        self.0 = (product >> 64) as u64 ^ product as u64;
    }

    fn write_i64(&mut self, value: i64) {
        self.write_u64(value as u64);
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

type Numbers<K> = HashMap<K, u32, BuildHasherDefault<Mix>>;

enum ColumnKeys {
    Range { least: i64, numbers: Vec<u32> },
    Integers(Numbers<i64>),
    Bytes(Numbers<Box<[u8]>>),
}

/// The keys of the rows, numbered from 0.
pub struct KeyIndex {
    columns: Vec<(String, ColumnKeys)>,
    pairs: Vec<Numbers<u64>>,
    /// How many keys.
    pub keys: usize,
}

/// Numbers the keys of the rows; returns the index and each span's numbers.
pub fn number_keys(
    rows: &Table,
    spans: &[Span],
    keys: &[String],
) -> Result<(KeyIndex, Vec<Vec<u32>>), JoinError> {
    let mut index = KeyIndex { columns: Vec::new(), pairs: Vec::new(), keys: 1 };
    let mut ids: Vec<Vec<u32>> = spans.iter().map(|span| vec![0; span.rows]).collect();
    for (place, name) in keys.iter().enumerate() {
        let column = rows.column(name)?;
        let numbers = ColumnKeys::of(rows, column, spans)?;
        let fresh: Vec<Vec<u32>> =
            parallel::map(spans.iter().collect(), |span| numbers.look_up(column, span));
        if place == 0 {
            index.keys = numbers.len();
            ids = fresh;
        } else {
            let mut pairs = Numbers::default();
            for (left, right) in ids.iter_mut().flatten().zip(fresh.iter().flatten()) {
                let number = pairs.len() as u32;
                *left = pair(*left, *right).map_or(NO_KEY, |pair| *pairs.entry(pair).or_insert(number));
            }
            index.keys = pairs.len();
            index.pairs.push(pairs);
        }
        index.columns.push((name.clone(), numbers));
    }
    Ok((index, ids))
}

fn pair(left: u32, right: u32) -> Option<u64> {
    (left != NO_KEY && right != NO_KEY).then_some(u64::from(left) << 32 | u64::from(right))
}

impl KeyIndex {
    /// Refuses key columns of the events that cannot be compared with those of the rows.
    pub fn check(&self, events: &Table, rows: &Table) -> Result<(), JoinError> {
        for (name, _) in &self.columns {
            let (theirs, ours) = (events.column(name)?, rows.column(name)?);
            let (left, right) = (class(events, theirs)?, class(rows, ours)?);
            if left != right && left != Class::Null && right != Class::Null {
                let (events, rows) = (theirs.data_type.to_string(), ours.data_type.to_string());
                return Err(JoinError::KeyTypes { key: name.clone(), events, rows });
            }
        }
        Ok(())
    }

    /// The number of each event's key; `check` must have passed.
    #[must_use]
    pub fn look_up(&self, events: &Table, span: &Span) -> Vec<u32> {
        let mut ids = vec![0; span.rows];
        for (place, (name, numbers)) in self.columns.iter().enumerate() {
            let Ok(column) = events.column(name) else {
                return vec![NO_KEY; span.rows];
            };
            let fresh = numbers.look_up(column, span);
            if place == 0 {
                ids = fresh;
                continue;
            }
            let pairs = &self.pairs[place - 1];
            for (left, right) in ids.iter_mut().zip(fresh) {
                *left = pair(*left, right).and_then(|pair| pairs.get(&pair)).map_or(NO_KEY, |number| *number);
            }
        }
        ids
    }
}

#[derive(PartialEq, Eq)]
enum Class {
    Integer,
    Unsigned,
    Other(DataType),
    Text,
    Binary,
    Null,
}

fn class(table: &Table, column: &TableColumn) -> Result<Class, JoinError> {
    Ok(match &column.data_type {
        DataType::Null => Class::Null,
        DataType::UInt64 => Class::Unsigned,
        kind if kind.is_integer() => Class::Integer,
        DataType::Timestamp(unit, _) => Class::Other(DataType::Timestamp(*unit, None)),
        DataType::Decimal32(..) | DataType::Decimal64(..) | DataType::Decimal128(..) => {
            return Err(table.wrong_type(column, KEYS));
        }
        kind if holds_integers(kind) => Class::Other(kind.clone()),
        kind if holds_text(kind) => Class::Text,
        kind if holds_bytes(kind) => Class::Binary,
        _ => {
            return Err(table.wrong_type(column, KEYS));
        }
    })
}

impl ColumnKeys {
    fn of(rows: &Table, column: &TableColumn, spans: &[Span]) -> Result<Self, JoinError> {
        if matches!(class(rows, column)?, Class::Text | Class::Binary) {
            let mut numbers = Numbers::default();
            for span in spans {
                for_each_bytes(column, span, |bytes| {
                    if let Some(bytes) = bytes.filter(|bytes| !numbers.contains_key(*bytes)) {
                        numbers.insert(Box::from(bytes), numbers.len() as u32);
                    }
                });
            }
            return Ok(Self::Bytes(numbers));
        }
        let read: Vec<_> = parallel::map(spans.iter().collect(), |span| integers(column, span));
        let present = || {
            read.iter().flat_map(|part| {
                let there = |place: usize| part.present.as_ref().is_none_or(|present| present[place]);
                part.values
                    .iter()
                    .enumerate()
                    .filter(move |(place, _)| there(*place))
                    .map(|(_, value)| *value)
            })
        };
        let (Some(least), Some(most)) = (present().min(), present().max()) else {
            return Ok(Self::Integers(Numbers::default()));
        };
        if most.abs_diff(least) < (rows.rows as u64 * 4).max(1 << 16) {
            return Ok(Self::range(least, most.abs_diff(least) as usize + 1, present()));
        }
        let mut numbers = Numbers::default();
        for value in present() {
            let number = numbers.len() as u32;
            numbers.entry(value).or_insert(number);
        }
        Ok(Self::Integers(numbers))
    }

    fn range(least: i64, width: usize, values: impl Iterator<Item = i64>) -> Self {
        let mut numbers = vec![NO_KEY; width];
        values.for_each(|value| numbers[value.abs_diff(least) as usize] = 0);
        for (number, slot) in (0..).zip(numbers.iter_mut().filter(|slot| **slot == 0)) {
            *slot = number;
        }
        Self::Range { least, numbers }
    }

    fn len(&self) -> usize {
        match self {
            Self::Range { numbers, .. } => numbers.iter().filter(|number| **number != NO_KEY).count(),
            Self::Integers(numbers) => numbers.len(),
            Self::Bytes(numbers) => numbers.len(),
        }
    }

    fn look_up(&self, column: &TableColumn, span: &Span) -> Vec<u32> {
        let known = |found: Option<&u32>| found.copied().unwrap_or(NO_KEY);
        if let Self::Bytes(numbers) = self {
            let mut ids = Vec::with_capacity(span.rows);
            if holds_bytes(&column.data_type) {
                for_each_bytes(column, span, |bytes| {
                    ids.push(known(bytes.and_then(|bytes| numbers.get(bytes))));
                });
            }
            ids.resize(span.rows, NO_KEY);
            return ids;
        }
        let read = integers(column, span);
        let mut ids: Vec<u32> = match self {
            Self::Range { least, numbers } => {
                let place = |value: &i64| value.wrapping_sub(*least) as u64 as usize;
                read.values.iter().map(|value| known(numbers.get(place(value)))).collect()
            }
            Self::Integers(numbers) => read.values.iter().map(|value| known(numbers.get(value))).collect(),
            Self::Bytes(_) => Vec::new(),
        };
        if let Some(present) = read.present {
            ids.iter_mut().zip(present).filter(|(_, there)| !there).for_each(|(id, _)| *id = NO_KEY);
        }
        ids
    }
}
