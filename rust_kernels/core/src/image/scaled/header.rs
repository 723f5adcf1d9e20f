//! What stands before the scan of a baseline JPEG (ITU-T T.81, annex B), where the file is of the kind that is read here.
use super::huffman::Table;

/// One component of the picture.
pub(super) struct Component {
    id: u8,
    /// Blocks across and down in each unit.
    pub(super) across: usize,
    pub(super) down: usize,
    /// Which table of steps.
    pub(super) steps: usize,
    constant: usize,
    others: usize,
}

/// Everything that decoding needs.
pub(super) struct Header<'a> {
    pub(super) width: usize,
    pub(super) height: usize,
    pub(super) components: Vec<Component>,
    /// The most blocks across and down that a component has in a unit.
    pub(super) most: (usize, usize),
    /// Units across and down.
    pub(super) units: (usize, usize),
    /// Units between restarts; 0 for none.
    pub(super) restart: usize,
    /// Steps of the quantisation, in zigzag order.
    pub(super) steps: [[f32; 64]; 4],
    constants: [Option<Table>; 4],
    others: [Option<Table>; 4],
    pub(super) data: &'a [u8],
}

impl<'a> Header<'a> {
    /// Read it; None where the full decoder has to see what it is.
    pub(super) fn read(bytes: &'a [u8]) -> Option<Self> {
        let mut header = Self {
            width: 0,
            height: 0,
            components: Vec::new(),
            most: (0, 0),
            units: (0, 0),
            restart: 0,
            steps: [[0.0; 64]; 4],
            constants: [const { None }; 4],
            others: [const { None }; 4],
            data: &[],
        };
        let mut at = 2;
        loop {
            let [mark, marker, high, low] = *bytes.get(at..)?.first_chunk::<4>()?;
            if mark != 0xFF {
                return None;
            }
            if marker == 0xFF {
                at += 1;
                continue;
            }
            let end = at + 2 + usize::from(u16::from_be_bytes([high, low]));
            let body = bytes.get(at + 4..end)?;
            match marker {
                0xC0 | 0xC1 => header.frame(body)?,
                0xC4 => header.codes(body)?,
                0xDB => header.quantisation(body)?,
                0xDD => header.restart = usize::from(u16::from_be_bytes(*body.first_chunk()?)),
                0xDA => {
                    header.scan(body)?;
                    header.data = &bytes[end..];
                    return header.is_whole().then_some(header);
                }
                // Adobe's segment says whether colours were transformed.
                0xEE if body.starts_with(b"Adobe") && body.get(11) != Some(&1) => return None,
                0xE0..=0xEF | 0xFE => {}
                _ => return None,
            }
            at = end;
        }
    }

    /// The tables of a component.
    pub(super) fn tables(&self, component: &Component) -> (&Table, &Table) {
        match (&self.constants[component.constant], &self.others[component.others]) {
            (Some(constant), Some(others)) => (constant, others),
            _ => unreachable!("the header was checked to be whole"),
        }
    }

    fn is_whole(&self) -> bool {
        let there =
            |each: &Component| self.constants[each.constant].is_some() && self.others[each.others].is_some();
        !self.components.is_empty() && self.components.iter().all(there)
    }

    fn frame(&mut self, body: &[u8]) -> Option<()> {
        let [8, high, low, wide, narrow, count] = *body.first_chunk::<6>()? else {
            return None;
        };
        self.height = usize::from(u16::from_be_bytes([high, low]));
        self.width = usize::from(u16::from_be_bytes([wide, narrow]));
        let (told, rest) = body[6..].as_chunks::<3>();
        if !self.components.is_empty()
            || !matches!(count, 1 | 3)
            || told.len() != usize::from(count)
            || !rest.is_empty()
        {
            return None;
        }
        for [id, sampling, steps] in told {
            let (across, down) = (usize::from(sampling >> 4), usize::from(sampling & 15));
            if !(1..=2).contains(&across) || !(1..=2).contains(&down) || *steps > 3 {
                return None;
            }
            let steps = usize::from(*steps);
            self.components.push(Component { id: *id, across, down, steps, constant: 0, others: 0 });
        }
        if let [gray] = &mut self.components[..] {
            // Alone, its blocks stand one by one, whatever it says.
            (gray.across, gray.down) = (1, 1);
        }
        if self.components.iter().map(|each| each.id).eq(*b"RGB") {
            return None;
        }
        let most = |side: fn(&Component) -> usize| self.components.iter().map(side).max();
        self.most = (most(|each| each.across)?, most(|each| each.down)?);
        self.units = (self.width.div_ceil(8 * self.most.0), self.height.div_ceil(8 * self.most.1));
        Some(())
    }

    fn codes(&mut self, mut body: &[u8]) -> Option<()> {
        while let Some((which, rest)) = body.split_first() {
            let (counts, rest) = rest.split_first_chunk::<16>()?;
            let (symbols, rest) =
                rest.split_at_checked(counts.iter().map(|count| usize::from(*count)).sum())?;
            let table = Some(Table::new(counts, symbols)?);
            match which >> 4 {
                0 => *self.constants.get_mut(usize::from(which & 15))? = table,
                1 => *self.others.get_mut(usize::from(which & 15))? = table,
                _ => return None,
            }
            body = rest;
        }
        Some(())
    }

    fn quantisation(&mut self, mut body: &[u8]) -> Option<()> {
        while let Some((which, rest)) = body.split_first() {
            let steps = self.steps.get_mut(usize::from(which & 15))?;
            let wide = usize::from(which >> 4) + 1;
            let (values, rest) = rest.split_at_checked(64 * wide)?;
            if wide > 2 {
                return None;
            }
            for (step, value) in steps.iter_mut().zip(values.chunks_exact(wide)) {
                *step = f32::from(value.iter().fold(0, |high: u16, low| high << 8 | u16::from(*low)));
            }
            body = rest;
        }
        Some(())
    }

    fn scan(&mut self, body: &[u8]) -> Option<()> {
        let (count, rest) = body.split_first()?;
        let (told, rest) = rest.split_at_checked(usize::from(*count) * 2)?;
        if usize::from(*count) != self.components.len() || rest != [0, 63, 0] {
            return None;
        }
        for (component, pair) in self.components.iter_mut().zip(told.chunks_exact(2)) {
            if component.id != pair[0] || pair[1] & 0xCC != 0 {
                return None;
            }
            (component.constant, component.others) = (usize::from(pair[1] >> 4), usize::from(pair[1] & 15));
        }
        Some(())
    }
}
