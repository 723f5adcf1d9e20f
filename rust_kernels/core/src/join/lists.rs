//! Answers that are lists, and how they become Arrow columns.
//!
//! A bucket's block keeps its lists one after the other in a pool, each as its length and then its words; the answer's
//! own word is where the list starts. Blocks are told where their pool starts among all, so that words stay right when
//! answers of all blocks are put into the order of the rows.

use std::sync::Arc;

use arrow_array::temporal_conversions::{
    date32_to_datetime, date64_to_datetime, time32ms_to_time, time32s_to_time, time64ns_to_time,
    time64us_to_time, timestamp_ms_to_datetime, timestamp_ns_to_datetime, timestamp_s_to_datetime,
    timestamp_us_to_datetime,
};
use arrow_array::{ArrayRef, Int64Array, LargeListArray, LargeStringArray, StructArray};
use arrow_buffer::{NullBuffer, OffsetBuffer};
use arrow_schema::{DataType, Field, Fields, TimeUnit};

use super::output::{Block, Column};

/// The pools of all blocks.
pub struct Lists<'a> {
    starts: Vec<u64>,
    pools: Vec<&'a [u64]>,
}

impl<'a> Lists<'a> {
    /// Gathers the pools of blocks whose list answers start where `Block::shift_lists` put them.
    #[must_use]
    pub fn new(blocks: &'a [Block]) -> Self {
        let pools: Vec<&[u64]> = blocks.iter().map(Block::lists).collect();
        let starts = pools.iter().scan(0, |end, pool| {
            *end += pool.len() as u64;
            Some(*end - pool.len() as u64)
        });
        Self { starts: starts.collect(), pools }
    }

    /// Each row's list; `None` where its answer is null.
    fn of<'b>(
        &'b self,
        words: &'b [u64],
        nulls: &'b NullBuffer,
    ) -> impl Iterator<Item = Option<&'a [u64]>> + 'b {
        words.iter().enumerate().map(|(row, word)| {
            nulls.is_valid(row).then(|| {
                let pool = self.starts.partition_point(|start| start <= word) - 1;
                let list = &self.pools[pool][(word - self.starts[pool]) as usize..];
                &list[1..][..list[0] as usize]
            })
        })
    }
}

/// The type of a list of values.
#[must_use]
pub fn list_of(item: DataType) -> DataType {
    DataType::LargeList(Arc::new(Field::new("item", item, true)))
}

/// The type of a histogram.
#[must_use]
pub fn histogram_type() -> DataType {
    list_of(DataType::Struct(entry_fields()))
}

fn entry_fields() -> Fields {
    let (key, value) =
        (Field::new("key", DataType::LargeUtf8, true), Field::new("value", DataType::Int64, true));
    Fields::from(vec![key, value])
}

/// A column of lists whose items are of the given type; those of text and bytes are ranks among `texts`, and floats
/// are divided by `unit`, if there is one.
#[must_use]
pub fn list_array(
    column: Column,
    lists: &Lists<'_>,
    item: &Arc<Field>,
    texts: Option<&[&[u8]]>,
    unit: Option<f64>,
) -> ArrayRef {
    let (words, nulls) = column.into_parts();
    let mut items = Vec::new();
    let mut lengths = Vec::with_capacity(words.len());
    for list in lists.of(&words, &nulls) {
        let list = list.unwrap_or_default();
        items.extend_from_slice(list);
        lengths.push(list.len());
    }
    let items = Column::full(items).divided(unit).into_array(item.data_type(), texts);
    Arc::new(LargeListArray::new(item.clone(), OffsetBuffer::from_lengths(lengths), items, Some(nulls)))
}

/// A column of histograms, whose lists are pairs of a value and its count; values are written as text.
#[must_use]
pub fn histogram_array(
    column: Column,
    lists: &Lists<'_>,
    value: &DataType,
    texts: Option<&[&[u8]]>,
    item: &Arc<Field>,
) -> ArrayRef {
    let (words, nulls) = column.into_parts();
    let (mut keys, mut counts): (Vec<String>, Vec<i64>) = (Vec::new(), Vec::new());
    let mut lengths = Vec::with_capacity(words.len());
    for list in lists.of(&words, &nulls) {
        let pairs = list.unwrap_or_default().as_chunks::<2>().0;
        for [key, count] in pairs {
            keys.push(written(*key, value, texts));
            counts.push(*count as i64);
        }
        lengths.push(pairs.len());
    }
    let columns: Vec<ArrayRef> =
        vec![Arc::new(LargeStringArray::from(keys)), Arc::new(Int64Array::from(counts))];
    let entries = Arc::new(StructArray::new(entry_fields(), columns, None));
    Arc::new(LargeListArray::new(item.clone(), OffsetBuffer::from_lengths(lengths), entries, Some(nulls)))
}

/// The digits of a second that a unit tells.
#[must_use]
pub fn digits(unit: TimeUnit) -> u32 {
    match unit {
        TimeUnit::Second => 0,
        TimeUnit::Millisecond => 3,
        TimeUnit::Microsecond => 6,
        TimeUnit::Nanosecond => 9,
    }
}

/// A number whose last `scale` digits stand behind its point.
fn pointed(value: i64, scale: u32) -> String {
    if scale == 0 {
        return value.to_string();
    }
    let (sign, scale) = (if value < 0 { "-" } else { "" }, scale as usize);
    let plain = format!("{:0>width$}", value.unsigned_abs(), width = scale + 1);
    let (whole, rest) = plain.split_at(plain.len() - scale);
    format!("{sign}{whole}.{rest}")
}

fn iso_time(time: Option<impl std::fmt::Debug>, value: i64) -> String {
    time.map_or_else(|| value.to_string(), |time| format!("{time:?}"))
}

/// A value as text: numbers in the fewest digits that read back, decimals with all of theirs, times and durations in
/// ISO 8601 and UTC, bytes in hexadecimal digits.
fn written(word: u64, kind: &DataType, texts: Option<&[&[u8]]>) -> String {
    let value = word as i64;
    let iso = |time: Option<_>, zone: &str| time.map_or(value.to_string(), |time| format!("{time:?}{zone}"));
    match kind {
        DataType::LargeUtf8 => texts
            .and_then(|texts| texts.get(word as usize))
            .map_or_else(String::new, |text| String::from_utf8_lossy(text).into_owned()),
        DataType::LargeBinary => {
            let bytes = texts.and_then(|texts| texts.get(word as usize)).copied().unwrap_or_default();
            bytes.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
        }
        DataType::Decimal128(_, scale) => pointed(value, u32::try_from(*scale).unwrap_or(0)),
        DataType::Duration(unit) => format!("PT{}S", pointed(value, digits(*unit))),
        DataType::Time32(TimeUnit::Second) => iso_time(time32s_to_time(value as i32), value),
        DataType::Time32(_) => iso_time(time32ms_to_time(value as i32), value),
        DataType::Time64(TimeUnit::Microsecond) => iso_time(time64us_to_time(value), value),
        DataType::Time64(_) => iso_time(time64ns_to_time(value), value),
        DataType::Float64 => format!("{:?}", f64::from_bits(word)),
        DataType::Boolean => (value != 0).to_string(),
        DataType::Date32 => iso(date32_to_datetime(value as i32), "").replace("T00:00:00", ""),
        DataType::Date64 => iso(date64_to_datetime(value), "").replace("T00:00:00", ""),
        DataType::Timestamp(unit, zone) => {
            let time = match unit {
                TimeUnit::Second => timestamp_s_to_datetime(value),
                TimeUnit::Millisecond => timestamp_ms_to_datetime(value),
                TimeUnit::Microsecond => timestamp_us_to_datetime(value),
                TimeUnit::Nanosecond => timestamp_ns_to_datetime(value),
            };
            iso(time, if zone.is_some() { "Z" } else { "" })
        }
        _ => value.to_string(),
    }
}
