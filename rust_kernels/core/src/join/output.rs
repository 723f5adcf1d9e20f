//! Answers of buckets, put back into the order of the rows as Arrow columns.

use std::sync::Arc;

use arrow_array::types::{
    Date32Type, Date64Type, Decimal128Type, DurationMicrosecondType, DurationMillisecondType,
    DurationNanosecondType, DurationSecondType, Time32MillisecondType, Time32SecondType,
    Time64MicrosecondType, Time64NanosecondType,
};
use arrow_array::{
    ArrayRef, BooleanArray, Float64Array, Int64Array, LargeBinaryArray, LargeStringArray, NullArray,
    PrimitiveArray, TimestampMicrosecondArray, TimestampMillisecondArray, TimestampNanosecondArray,
    TimestampSecondArray,
};
use arrow_buffer::{BooleanBuffer, Buffer, NullBuffer, ScalarBuffer};
use arrow_schema::{DataType, TimeUnit};

use crate::aggregate::Answer;
use crate::parallel;

/// Rows a task assembles; a multiple of 64, so that tasks do not share a word of a bitmap.
const TASK: usize = 1 << 12;

/// One bucket's answers, row by row, as 64-bit words.
pub struct Block {
    /// The rows' numbers in the table.
    pub rows: Vec<u32>,
    /// Sums that did not fit, by output.
    pub overflow: Vec<u64>,
    /// Rows that saw an event.
    pub matched: u64,
    order: Vec<u32>,
    words: Vec<u64>,
    valid: Vec<u64>,
    lists: Vec<u64>,
    width: usize,
}

impl Block {
    /// A block in which every answer is null; `order` tells the places of the sorted rows.
    #[must_use]
    pub fn new(rows: Vec<u32>, order: Vec<u32>, width: usize) -> Self {
        let words = vec![0; rows.len() * width];
        let valid = vec![0; rows.len() * width.div_ceil(64)];
        Self { rows, overflow: vec![0; width], matched: 0, order, words, valid, lists: Vec::new(), width }
    }

    /// Writes an answer of a row, whose number is that among the sorted ones.
    #[inline]
    pub fn put(&mut self, row: usize, output: usize, answer: Answer) {
        let word = match answer {
            Answer::Integer(value) => value as u64,
            Answer::Float(value) => value.to_bits(),
            Answer::Nothing => return,
            Answer::Overflow | Answer::At(_) | Answer::Since(_) => {
                self.overflow[output] += 1;
                return;
            }
        };
        self.put_word(row, output, word);
    }

    /// Writes an answer that is a list of words.
    pub fn put_list(&mut self, row: usize, output: usize, items: impl Iterator<Item = u64>) {
        let start = self.lists.len();
        self.lists.push(0);
        self.lists.extend(items);
        self.lists[start] = (self.lists.len() - start - 1) as u64;
        self.put_word(row, output, start as u64);
    }

    #[inline]
    fn put_word(&mut self, row: usize, output: usize, word: u64) {
        // Answers lie in the order of the table, so that putting them back reads every block from end to end.
        let place = self.order[row] as usize;
        self.words[place * self.width + output] = word;
        self.valid[place * self.width.div_ceil(64) + output / 64] |= 1 << (output % 64);
    }

    /// The lists, each after its length.
    #[must_use]
    pub fn lists(&self) -> &[u64] {
        &self.lists
    }

    /// Tells the outputs that are lists where this block's lists start among those of all blocks.
    pub fn shift_lists(&mut self, outputs: &[usize], start: u64) {
        for row in self.words.chunks_mut(self.width.max(1)) {
            for output in outputs {
                row[*output] += start;
            }
        }
    }

    fn row(&self, place: usize, width: usize) -> (&[u64], &[u64]) {
        (&self.words[place * width..][..width], &self.valid[place * width.div_ceil(64)..])
    }
}

/// One output column as words and a bitmap.
pub struct Column {
    words: Vec<u64>,
    valid: Vec<u64>,
}

/// Puts the blocks' answers into the order of the table's rows; rows in no block stay null.
#[must_use]
pub fn assemble(blocks: &[Block], rows: usize, width: usize) -> Vec<Column> {
    let mut places = vec![(u32::MAX, 0_u32); rows];
    for (number, block) in (0..).zip(blocks) {
        for (place, row) in (0..).zip(&block.rows) {
            places[*row as usize] = (number, place);
        }
    }
    let empty = || Column { words: vec![0; rows], valid: vec![0; rows.div_ceil(64)] };
    let mut columns: Vec<Column> = (0..width).map(|_| empty()).collect();
    let mut parts: Vec<Vec<(&mut [u64], &mut [u64])>> =
        (0..rows.div_ceil(TASK)).map(|_| Vec::new()).collect();
    for column in &mut columns {
        let halves = column.words.chunks_mut(TASK).zip(column.valid.chunks_mut(TASK / 64));
        parts.iter_mut().zip(halves).for_each(|(part, half)| part.push(half));
    }
    let work = parts.into_iter().zip(places.chunks(TASK)).collect();
    parallel::map(work, |(mut part, places)| fill(&mut part, places, blocks, width));
    columns
}

fn fill(part: &mut [(&mut [u64], &mut [u64])], places: &[(u32, u32)], blocks: &[Block], width: usize) {
    // A bitmap word's rows at a time: their answers are fetched once and stay near for all outputs.
    for (group, places) in places.chunks(64).enumerate() {
        let row = |(block, place): &(u32, u32)| {
            blocks.get(*block as usize).map(|block| block.row(*place as usize, width))
        };
        let rows: Vec<_> = places.iter().map(row).collect();
        for (output, (column, bitmap)) in part.iter_mut().enumerate() {
            let mut bits = 0;
            for (lane, (row, slot)) in rows.iter().zip(&mut column[group * 64..]).enumerate() {
                let Some((words, valid)) = row else { continue };
                *slot = words[output];
                bits |= (valid[output / 64] >> (output % 64) & 1) << lane;
            }
            bitmap[group] = bits;
        }
    }
}

impl Column {
    /// A column without nulls.
    #[must_use]
    pub fn full(words: Vec<u64>) -> Self {
        Self { valid: vec![u64::MAX; words.len().div_ceil(64)], words }
    }

    /// The words and the nulls.
    #[must_use]
    pub fn into_parts(self) -> (Vec<u64>, NullBuffer) {
        let rows = self.words.len();
        (self.words, NullBuffer::new(BooleanBuffer::new(Buffer::from_vec(self.valid), 0, rows)))
    }

    /// The column, its floats divided by a unit, if there is one.
    #[must_use]
    pub fn divided(mut self, unit: Option<f64>) -> Self {
        if let Some(unit) = unit {
            for word in &mut self.words {
                *word = (f64::from_bits(*word) / unit).to_bits();
            }
        }
        self
    }

    /// The column as an Arrow array; the values of text and bytes are ranks among `words`.
    #[must_use]
    pub fn into_array(self, data_type: &DataType, words: Option<&[&[u8]]>) -> ArrayRef {
        let rows = self.words.len();
        let (values, nulls) = self.into_parts();
        let buffer = Buffer::from_vec(values);
        let integers = || ScalarBuffer::<i64>::new(buffer.clone(), 0, rows);
        let some = Some(nulls.clone()).filter(|nulls| nulls.null_count() > 0);
        match data_type {
            DataType::Float64 => Arc::new(Float64Array::new(ScalarBuffer::new(buffer, 0, rows), some)),
            DataType::Boolean => {
                Arc::new(BooleanArray::new(integers().iter().map(|value| *value != 0).collect(), some))
            }
            DataType::Date32 => Arc::new(PrimitiveArray::<Date32Type>::new(narrowed(&integers()), some)),
            DataType::Time32(TimeUnit::Second) => {
                Arc::new(PrimitiveArray::<Time32SecondType>::new(narrowed(&integers()), some))
            }
            DataType::Time32(_) => {
                Arc::new(PrimitiveArray::<Time32MillisecondType>::new(narrowed(&integers()), some))
            }
            DataType::Time64(TimeUnit::Microsecond) => {
                Arc::new(PrimitiveArray::<Time64MicrosecondType>::new(integers(), some))
            }
            DataType::Time64(_) => Arc::new(PrimitiveArray::<Time64NanosecondType>::new(integers(), some)),
            DataType::Duration(unit) => durations(*unit, integers(), some),
            DataType::Decimal128(..) => {
                let wide: Vec<i128> = integers().iter().map(|value| i128::from(*value)).collect();
                let array = PrimitiveArray::<Decimal128Type>::new(wide.into(), some);
                Arc::new(array.with_data_type(data_type.clone()))
            }
            DataType::Date64 => Arc::new(PrimitiveArray::<Date64Type>::new(integers(), some)),
            DataType::Timestamp(unit, zone) => stamps(*unit, integers(), some, zone.clone()),
            DataType::LargeUtf8 => {
                let integers = integers();
                let word = |row: usize| words.and_then(|words| words.get(integers[row] as usize).copied());
                let texts = (0..rows).map(|row| {
                    // What was read from text is text.
                    word(row).filter(|_| nulls.is_valid(row)).and_then(|word| std::str::from_utf8(word).ok())
                });
                Arc::new(texts.collect::<LargeStringArray>())
            }
            DataType::LargeBinary => {
                let integers = integers();
                let word = |row: usize| words.and_then(|words| words.get(integers[row] as usize).copied());
                let all = (0..rows).map(|row| word(row).filter(|_| nulls.is_valid(row)));
                Arc::new(all.collect::<LargeBinaryArray>())
            }
            DataType::Null => Arc::new(NullArray::new(rows)),
            _ => Arc::new(Int64Array::new(integers(), some)),
        }
    }
}

fn narrowed(values: &[i64]) -> ScalarBuffer<i32> {
    values.iter().map(|value| *value as i32).collect()
}

fn durations(unit: TimeUnit, values: ScalarBuffer<i64>, nulls: Option<NullBuffer>) -> ArrayRef {
    match unit {
        TimeUnit::Second => Arc::new(PrimitiveArray::<DurationSecondType>::new(values, nulls)),
        TimeUnit::Millisecond => Arc::new(PrimitiveArray::<DurationMillisecondType>::new(values, nulls)),
        TimeUnit::Microsecond => Arc::new(PrimitiveArray::<DurationMicrosecondType>::new(values, nulls)),
        TimeUnit::Nanosecond => Arc::new(PrimitiveArray::<DurationNanosecondType>::new(values, nulls)),
    }
}

fn stamps(
    unit: TimeUnit,
    values: ScalarBuffer<i64>,
    nulls: Option<NullBuffer>,
    zone: Option<Arc<str>>,
) -> ArrayRef {
    match unit {
        TimeUnit::Second => Arc::new(TimestampSecondArray::new(values, nulls).with_timezone_opt(zone)),
        TimeUnit::Millisecond => {
            Arc::new(TimestampMillisecondArray::new(values, nulls).with_timezone_opt(zone))
        }
        TimeUnit::Microsecond => {
            Arc::new(TimestampMicrosecondArray::new(values, nulls).with_timezone_opt(zone))
        }
        TimeUnit::Nanosecond => {
            Arc::new(TimestampNanosecondArray::new(values, nulls).with_timezone_opt(zone))
        }
    }
}
