//! A thread's own copies of the rows that a piece meets.

use vectory_core::simd;

/// Rows by id, copied at the first meeting.
#[derive(Default)]
pub struct Local {
    /// Of each id: the number of the piece that met it last, and its place.
    places: Vec<(u32, u32)>,
    piece: u32,
    copies: Copies,
    /// Whether rows are kept as they were.
    keep: bool,
}

/// The rows that a piece has met, by place.
#[derive(Default)]
pub struct Copies {
    ids: Vec<u32>,
    /// How often each was asked for.
    met: Vec<u32>,
    /// What they were; empty where that is not kept.
    old: Vec<u64>,
    /// What they are.
    new: Vec<u64>,
    width: usize,
}

impl Local {
    /// For ids below `ids`, rows of `width` cells. What rows were is kept, so that the change can be told.
    #[must_use]
    pub fn new(ids: usize, width: usize) -> Self {
        Self { places: vec![(0, 0); ids], piece: 0, copies: Copies { width, ..Copies::default() }, keep: true }
    }

    /// Keeps no row as it was: the table still has it when the change is told.
    pub fn keep_nothing(&mut self) {
        self.keep = false;
    }

    /// Forgets all rows.
    pub fn clear(&mut self) {
        self.copies.clear();
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
        let rows = &mut self.copies;
        if *piece == self.piece {
            rows.met[*place as usize] += 1;
            return *place;
        }
        let at = rows.ids.len();
        (*piece, *place) = (self.piece, at as u32);
        rows.ids.push(id);
        rows.met.push(1);
        rows.new.resize((at + 1) * rows.width, 0);
        let new = &mut rows.new[at * rows.width..];
        load(new);
        if self.keep {
            rows.old.extend_from_slice(new);
        }
        at as u32
    }

    /// Values a row has here: `dim`, rounded up to a pair.
    #[must_use]
    pub fn dim(&self) -> usize {
        2 * self.copies.width
    }

    /// How many rows were met.
    #[must_use]
    pub fn len(&self) -> usize {
        self.copies.ids.len()
    }

    /// Whether none was.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// All rows, to be changed.
    #[inline]
    pub fn values(&mut self) -> &mut [f32] {
        bytemuck::cast_slice_mut(&mut self.copies.new)
    }

    /// The row at a place.
    #[must_use]
    #[inline]
    pub fn row(&self, place: u32) -> &[f32] {
        self.copies.now(place)
    }

    /// The row at a place, to be changed.
    #[inline]
    pub fn row_mut(&mut self, place: u32) -> &mut [f32] {
        let width = self.copies.width;
        bytemuck::cast_slice_mut(&mut self.copies.new[place as usize * width..(place as usize + 1) * width])
    }

    /// Whether a row was met already.
    #[inline]
    #[must_use]
    pub fn has(&self, id: u32) -> bool {
        self.piece > 0 && self.places[id as usize].0 == self.piece
    }

    /// The rows met.
    #[must_use]
    pub fn copies(&self) -> &Copies {
        &self.copies
    }

    /// Hands over the rows met for others, which are forgotten at the next piece.
    pub fn swap(&mut self, copies: &mut Copies) {
        std::mem::swap(&mut self.copies, copies);
        // The first time there is nothing to be had.
        self.copies.width = copies.width;
    }
}

impl Copies {
    fn clear(&mut self) {
        self.ids.clear();
        self.met.clear();
        self.old.clear();
        self.new.clear();
    }

    /// Each row's id, and how often it was asked for, by place.
    pub fn met(&self) -> impl Iterator<Item = (u32, u32)> {
        self.ids.iter().copied().zip(self.met.iter().copied())
    }

    /// What a row is now.
    #[must_use]
    #[inline]
    pub fn now(&self, place: u32) -> &[f32] {
        bytemuck::cast_slice(&self.new[self.cells(place)])
    }

    /// What it was, if that is kept.
    #[must_use]
    #[inline]
    pub fn then(&self, place: u32) -> Option<&[f32]> {
        self.old.get(self.cells(place)).map(bytemuck::cast_slice)
    }

    /// Has a row fetched.
    #[inline]
    pub fn touch(&self, place: u32) {
        let row = self.now(place);
        simd::fetch_bytes(row.as_ptr().cast(), size_of_val(row));
    }

    fn cells(&self, place: u32) -> std::ops::Range<usize> {
        place as usize * self.width..(place as usize + 1) * self.width
    }
}
