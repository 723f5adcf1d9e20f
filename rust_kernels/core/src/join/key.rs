//! Dense ids for keys: each column's values become codes, and codes are combined as tuples, never as joined text.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hash, Hasher};

use rayon::prelude::*;

use super::JoinError;
use super::column::{Dense, Table, TableColumn, for_each_text, integers};

/// The id of a row whose key holds a null: its values are null, its counts too.
pub const NULL_KEY: u32 = u32::MAX;
/// The id of a row whose key no event has: its windows are empty.
pub const UNKNOWN_KEY: u32 = u32::MAX - 1;

/// The ids of all events and rows; events with a null key have [`NULL_KEY`] too.
pub struct Ids {
    /// How many different keys the events have.
    pub keys: usize,
    /// One id an event.
    pub events: Vec<u32>,
    /// One id a row.
    pub rows: Vec<u32>,
}

/// Gives every key tuple an id; without key columns all belong to one.
pub fn encode(events: &Table, rows: &Table, keys: &[String]) -> Result<Ids, JoinError> {
    let mut ids = Ids { keys: 1, events: vec![0; events.rows], rows: vec![0; rows.rows] };
    for (position, name) in keys.iter().enumerate() {
        let codes = encode_column(events.column(name)?, rows.column(name)?, events, name)?;
        ids = if position == 0 { codes } else { combine(&ids, &codes) };
    }
    Ok(ids)
}

fn encode_column(
    events: &TableColumn,
    rows: &TableColumn,
    table: &Table,
    name: &str,
) -> Result<Ids, JoinError> {
    if let Some(event_integers) = integers(events) {
        let row_integers = integers(rows).ok_or_else(|| key_types(events, rows, name))?;
        return Ok(encode_integers(&event_integers, &row_integers));
    }
    let mut codes = HashMap::<&str, u32, BuildHasherDefault<TextHasher>>::default();
    let mut event_ids = Vec::with_capacity(table.rows);
    let is_text = for_each_text(events, |text| event_ids.push(intern(&mut codes, text)));
    if !is_text {
        let expected = "integers, text, dates, timestamps in microseconds or truth values";
        return Err(table.wrong_type(events, &events.data_type, expected));
    }
    let mut row_ids = Vec::new();
    let find = |text: Option<&str>| text.map_or(NULL_KEY, |t| codes.get(t).copied().unwrap_or(UNKNOWN_KEY));
    if !for_each_text(rows, |text| row_ids.push(find(text))) {
        return Err(key_types(events, rows, name));
    }
    Ok(Ids { keys: codes.len(), events: event_ids, rows: row_ids })
}

fn key_types(events: &TableColumn, rows: &TableColumn, name: &str) -> JoinError {
    JoinError::KeyTypes {
        key: name.to_owned(),
        events: events.data_type.to_string(),
        rows: rows.data_type.to_string(),
    }
}

fn intern<K: Copy + Eq + Hash, H: Hasher + Default>(
    codes: &mut HashMap<K, u32, BuildHasherDefault<H>>,
    value: Option<K>,
) -> u32 {
    let next = codes.len() as u32;
    value.map_or(NULL_KEY, |value| *codes.entry(value).or_insert(next))
}

fn encode_integers(events: &Dense<'_, i64>, rows: &Dense<'_, i64>) -> Ids {
    let (low, high) = (0..events.len())
        .into_par_iter()
        .filter_map(|row| events.get(row))
        .fold_with((i64::MAX, i64::MIN), |(low, high), value| (low.min(value), high.max(value)))
        .reduce(|| (i64::MAX, i64::MIN), |a, b| (a.0.min(b.0), a.1.max(b.1)));
    let span = (i128::from(high) - i128::from(low) + 1).max(0) as u128;
    // A table of the whole span costs less than hashing unless the integers lie far apart.
    if span <= 2 * events.len() as u128 + 1024 {
        let id = |value: i64| if value < low || value > high { UNKNOWN_KEY } else { (value - low) as u32 };
        let ids = |side: &Dense<'_, i64>| {
            (0..side.len()).into_par_iter().map(|row| side.get(row).map_or(NULL_KEY, id)).collect()
        };
        return Ids { keys: span as usize, events: ids(events), rows: ids(rows) };
    }
    let mut codes = HashMap::<i64, u32, BuildHasherDefault<MixHasher>>::default();
    let event_ids = (0..events.len()).map(|row| intern(&mut codes, events.get(row))).collect();
    let find = |value: i64| codes.get(&value).copied().unwrap_or(UNKNOWN_KEY);
    let row_ids = (0..rows.len()).into_par_iter().map(|row| rows.get(row).map_or(NULL_KEY, find)).collect();
    Ids { keys: codes.len(), events: event_ids, rows: row_ids }
}

fn combine(left: &Ids, right: &Ids) -> Ids {
    let mut codes = HashMap::<u64, u32, BuildHasherDefault<MixHasher>>::default();
    let pair = |a: u32, b: u32| (u64::from(a) << 32) | u64::from(b);
    let events = left.events.iter().zip(&right.events);
    let event_ids = events
        .map(|(&a, &b)| intern(&mut codes, (a != NULL_KEY && b != NULL_KEY).then(|| pair(a, b))))
        .collect();
    let rows = left.rows.iter().zip(&right.rows);
    let row_ids = rows
        .map(|(&a, &b)| match (a, b) {
            (NULL_KEY, _) | (_, NULL_KEY) => NULL_KEY,
            _ => codes.get(&pair(a, b)).copied().unwrap_or(UNKNOWN_KEY),
        })
        .collect();
    Ids { keys: codes.len(), events: event_ids, rows: row_ids }
}

/// Mixes one 64-bit word; keys are not hostile here, since a bad spread costs time only.
#[derive(Default)]
pub struct MixHasher(u64);

impl Hasher for MixHasher {
    fn write(&mut self, bytes: &[u8]) {
        self.0 = xxhash_rust::xxh3::xxh3_64_with_seed(bytes, self.0);
    }
    fn write_u64(&mut self, word: u64) {
        let mixed = (word ^ self.0).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        self.0 = mixed ^ (mixed >> 32);
    }
    fn write_i64(&mut self, word: i64) {
        self.write_u64(word as u64);
    }
    fn finish(&self) -> u64 {
        self.0
    }
}

/// Hashes text with xxh3.
#[derive(Default)]
pub struct TextHasher(u64);

impl Hasher for TextHasher {
    fn write(&mut self, bytes: &[u8]) {
        self.0 = xxhash_rust::xxh3::xxh3_64_with_seed(bytes, self.0);
    }
    fn write_u8(&mut self, _: u8) {} // the end mark of a str adds nothing to a length-aware hash
    fn finish(&self) -> u64 {
        self.0
    }
}
