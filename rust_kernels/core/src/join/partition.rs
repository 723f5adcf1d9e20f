//! A counting sort by id: which events, and which rows, belong to each key.

/// `numbers[starts[k]..starts[k + 1]]` are the places that hold id k, in ascending order.
pub struct Partition {
    /// One start a key, and the end of the last.
    pub starts: Vec<u32>,
    /// Event or row numbers.
    pub numbers: Vec<u32>,
}

impl Partition {
    /// Sorts places by id; ids from `keys` on (null, unknown) are left out.
    #[must_use]
    pub fn new(ids: &[u32], keys: usize) -> Self {
        let mut starts = vec![0_u32; keys + 1];
        for &id in ids {
            if let Some(count) = starts[1..].get_mut(id as usize) {
                *count += 1;
            }
        }
        for key in 0..keys {
            starts[key + 1] += starts[key];
        }
        let mut next = starts.clone();
        let mut numbers = vec![0_u32; starts[keys] as usize];
        for (number, &id) in ids.iter().enumerate() {
            if (id as usize) < keys {
                let place = &mut next[id as usize];
                numbers[*place as usize] = number as u32;
                *place += 1;
            }
        }
        Self { starts, numbers }
    }

    /// The places of one key.
    #[must_use]
    pub fn of(&self, key: usize) -> &[u32] {
        &self.numbers[self.starts[key] as usize..self.starts[key + 1] as usize]
    }

    /// Key ranges of about equal work, for parallel passes.
    #[must_use]
    pub fn chunks(&self, rows: &Self, pieces: usize) -> Vec<std::ops::Range<usize>> {
        let keys = self.starts.len() - 1;
        let total = self.numbers.len() + rows.numbers.len() + keys;
        let share = total / pieces.max(1) + 1;
        let work = |key: usize| self.of(key).len() + rows.of(key).len() + 1;
        let (mut chunks, mut start, mut sum) = (Vec::new(), 0, 0);
        for key in 0..keys {
            sum += work(key);
            if sum >= share || key + 1 == keys {
                chunks.push(start..key + 1);
                (start, sum) = (key + 1, 0);
            }
        }
        chunks
    }
}
