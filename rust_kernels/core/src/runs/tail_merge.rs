//! Runs of rows are made: of a batch, of several runs, of the rows that stay.

use super::digests::{self, Digest};
use super::tail::{HEADER, MAGIC, TailRun};

/// Makes a run of rows in any order: the digest of the key of each, its time and its bytes.
#[must_use]
pub fn build_tail(keys: &[Digest], times: &[i64], rows: &[&[u8]]) -> Vec<u8> {
    let mut order: Vec<usize> = (0..keys.len()).collect();
    order.sort_by_key(|row| (u128::from_be_bytes(keys[*row]), times[*row]));
    let mut made = Writer::default();
    for row in order {
        made.key(keys[row]);
        made.row(times[row]).extend(rows[row]);
    }
    made.finish()
}

/// Makes one run of several, the oldest first; of rows of one time those of the older run come first.
#[must_use]
pub fn merge_tails(runs: &[TailRun<'_>]) -> Vec<u8> {
    let mut made = Writer::default();
    let mut heads = vec![0; runs.len()];
    let head = |run: usize, heads: &[usize]| {
        let TailRun { bytes, keys, .. } = &runs[run];
        (heads[run] < keys.count).then(|| keys.get(bytes, heads[run]))
    };
    let mut rows: Vec<(i64, usize, usize)> = Vec::new();
    while let Some(key) = (0..runs.len()).filter_map(|run| head(run, &heads)).min() {
        rows.clear();
        for run in 0..runs.len() {
            if head(run, &heads) == Some(key) {
                rows.extend(runs[run].rows_at(heads[run]).map(|row| (runs[run].time(row), run, row)));
                heads[run] += 1;
            }
        }
        rows.sort_by_key(|(time, ..)| *time);
        made.key(key);
        for &(time, run, row) in &rows {
            made.row(time).extend(runs[run].row(row));
        }
    }
    made.finish()
}

/// Makes a run of the rows of another that stay, by their numbers.
#[must_use]
pub fn keep_rows(run: &TailRun<'_>, stays: impl Fn(usize) -> bool) -> Vec<u8> {
    let mut made = Writer::default();
    for place in 0..run.keys.count {
        for row in run.rows_at(place).filter(|row| stays(*row)) {
            made.key(run.keys.get(run.bytes, place));
            made.row(run.time(row)).extend(run.row(row));
        }
    }
    made.finish()
}

/// Takes rows in their order.
#[derive(Default)]
struct Writer {
    keys: Vec<Digest>,
    starts: Vec<u32>,
    times: Vec<i64>,
    offsets: Vec<u32>,
    bytes: Vec<u8>,
}

impl Writer {
    /// The rows that follow are this key's.
    fn key(&mut self, key: Digest) {
        if self.keys.last() != Some(&key) {
            self.keys.push(key);
            self.starts.push(self.times.len() as u32);
        }
    }

    /// Where the next row's bytes go.
    fn row(&mut self, time: i64) -> &mut Vec<u8> {
        self.times.push(time);
        self.offsets.push(self.bytes.len() as u32);
        &mut self.bytes
    }

    /// The run; no bytes where there are no rows.
    fn finish(mut self) -> Vec<u8> {
        if self.times.is_empty() {
            return Vec::new();
        }
        let rows = self.times.len() as u32;
        self.starts.push(rows);
        self.offsets.push(self.bytes.len() as u32);
        let mut run =
            Vec::with_capacity(HEADER + 21 * self.keys.len() + 12 * self.times.len() + self.bytes.len() + 64);
        run.extend(MAGIC);
        run.extend((self.keys.len() as u32).to_le_bytes());
        run.extend(rows.to_le_bytes());
        run.extend([0; 4]);
        run.extend(self.times.iter().min().unwrap_or(&i64::MAX).to_le_bytes());
        run.extend(self.times.iter().max().unwrap_or(&i64::MIN).to_le_bytes());
        digests::write(&self.keys, &mut run);
        run.extend(self.starts.iter().flat_map(|start| start.to_le_bytes()));
        run.extend(self.times.iter().flat_map(|time| time.to_le_bytes()));
        run.extend(self.offsets.iter().flat_map(|offset| offset.to_le_bytes()));
        run.append(&mut self.bytes);
        run
    }
}
