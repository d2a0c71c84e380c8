//! A thread's own copy of the rows that its piece meets.

/// Rows by id, copied at the first meeting; what they were is kept, so that the change can be told.
#[derive(Default)]
pub struct Local {
    /// Of each id: the number of the piece that met it last, and its place.
    places: Vec<(u32, u32)>,
    piece: u32,
    ids: Vec<u32>,
    /// How often each was asked for.
    met: Vec<u32>,
    /// What the changes are to be multiplied by; empty: by 1.
    scales: Vec<f32>,
    old: Vec<u64>,
    new: Vec<u64>,
    width: usize,
}

impl Local {
    /// For ids below `ids`, rows of `width` cells.
    #[must_use]
    pub fn new(ids: usize, width: usize) -> Self {
        Self { places: vec![(0, 0); ids], width, ..Self::default() }
    }

    /// Forgets all rows.
    pub fn clear(&mut self) {
        self.ids.clear();
        self.met.clear();
        self.scales.clear();
        self.old.clear();
        self.new.clear();
        if self.piece == u32::MAX {
            self.places.fill((0, 0));
            self.piece = 0;
        }
        self.piece += 1;
    }

    /// The place of a row; `load` fills it when it is met for the first time.
    #[inline]
    pub fn place(&mut self, id: u32, load: impl FnOnce(&mut [u64])) -> u32 {
        if self.piece == 0 {
            self.piece = 1;
        }
        let (piece, place) = &mut self.places[id as usize];
        if *piece == self.piece {
            self.met[*place as usize] += 1;
            return *place;
        }
        let at = self.ids.len();
        (*piece, *place) = (self.piece, at as u32);
        self.ids.push(id);
        self.met.push(1);
        self.new.resize((at + 1) * self.width, 0);
        load(&mut self.new[at * self.width..]);
        self.old.extend_from_slice(&self.new[at * self.width..]);
        at as u32
    }

    /// Values a row has here: `dim`, rounded up to a pair.
    #[must_use]
    pub fn dim(&self) -> usize {
        2 * self.width
    }

    /// How many rows were met.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ids.len()
    }

    /// Whether none was.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    /// All rows, to be changed.
    #[inline]
    pub fn values(&mut self) -> &mut [f32] {
        bytemuck::cast_slice_mut(&mut self.new)
    }

    /// The row at a place.
    #[must_use]
    #[inline]
    pub fn row(&self, place: u32) -> &[f32] {
        bytemuck::cast_slice(&self.new[place as usize * self.width..(place as usize + 1) * self.width])
    }

    /// The row at a place, to be changed.
    #[inline]
    pub fn row_mut(&mut self, place: u32) -> &mut [f32] {
        bytemuck::cast_slice_mut(&mut self.new[place as usize * self.width..(place as usize + 1) * self.width])
    }

    /// Each row: its id, and how often it was asked for.
    pub fn met(&self) -> impl Iterator<Item = (u32, u32)> {
        self.ids.iter().copied().zip(self.met.iter().copied())
    }

    /// The ids of up to `n` rows from the `start`-th on.
    pub fn ids(&self, start: usize, n: usize) -> impl Iterator<Item = u32> {
        self.ids.iter().copied().skip(start).take(n)
    }

    /// Whether a row was met already.
    #[inline]
    #[must_use]
    pub fn has(&self, id: u32) -> bool {
        self.piece > 0 && self.places[id as usize].0 == self.piece
    }

    /// Sets what the change of each row is multiplied by.
    pub fn set_scales(&mut self, scale: impl FnMut(u32) -> f32) {
        self.scales.clear();
        self.scales.extend(self.ids.iter().copied().map(scale));
    }

    /// Each row met: its id, what its change is multiplied by, what it was, what it is.
    pub fn changes(&self) -> impl Iterator<Item = (u32, f32, &[u64], &[u64])> {
        let rows = self.old.chunks_exact(self.width.max(1)).zip(self.new.chunks_exact(self.width.max(1)));
        let scales = self.scales.iter().copied().chain(std::iter::repeat(1.0));
        self.ids.iter().zip(scales).zip(rows).map(|((id, scale), (old, new))| (*id, scale, old, new))
    }
}
