//! What several pieces changed, row by row.

use super::damping::{Damping, Ways};
use super::local::Copies;

/// Rows that pieces copy and change, and that take up what changed.
pub trait Table: Sync {
    /// Whether a copy must be kept as it was, even though nothing is added to the table while pieces are at work.
    fn keeps(&self) -> bool {
        false
    }

    /// Adds what changed, so that rows which several pieces met do not overshoot.
    fn merge(&self, what: &Merge<'_>, scratch: &mut Merger);
}

impl<T: Table> Table for Option<T> {
    fn keeps(&self) -> bool {
        self.as_ref().is_some_and(Table::keeps)
    }

    fn merge(&self, what: &Merge<'_>, scratch: &mut Merger) {
        self.iter().for_each(|table| table.merge(what, scratch));
    }
}

/// What is to be added to a table.
pub struct Merge<'a> {
    /// The copies of pieces that started from the same rows.
    pub pieces: &'a [&'a Copies],
    /// How strongly a meeting pulls, as a learning rate; 0: all changes are added as they are.
    pub rate: f32,
    /// The rows that are added to.
    pub part: Part,
}

/// The rows that one thread adds to, so that no two change the same row.
#[derive(Clone, Copy, Debug)]
pub struct Part {
    number: u32,
    of: u32,
}

impl Part {
    /// All rows.
    pub const ALL: Self = Self { number: 0, of: 1 };

    /// The `number`-th of `of` parts.
    #[must_use]
    pub fn new(number: usize, of: usize) -> Self {
        Self { number: number as u32, of: of as u32 }
    }

    /// Whether a row is of this part.
    #[inline]
    #[must_use]
    pub fn has(self, id: u32) -> bool {
        self.of == 1 || id % self.of == self.number
    }

    /// The place of one of its rows among them.
    #[inline]
    fn place(self, id: u32) -> usize {
        if self.of == 1 { id as usize } else { (id / self.of) as usize }
    }
}

/// A thread's scratch for one table.
#[derive(Default)]
pub struct Merger {
    /// Of each row: the round that met it last, and its place in `rows`.
    cells: Vec<(u32, u32)>,
    round: u32,
    rows: Vec<Met>,
    meetings: Vec<Meeting>,
    /// What is between meetings and shares of the way.
    pub ways: Ways,
    /// For rows that several vectors are made of.
    pub damping: Damping,
}

/// A row that was met.
#[derive(Clone, Copy)]
pub struct Met {
    pub id: u32,
    /// How often, by all pieces.
    pub n: f32,
    /// The sum of the pieces' shares of the way.
    pub ways: f32,
    first: u32,
    last: u32,
}

/// That one piece met it.
struct Meeting {
    piece: u32,
    place: u32,
    /// The next piece that did.
    next: u32,
}

const NONE: u32 = u32::MAX;

impl Merger {
    /// Finds the rows of a part that pieces met.
    pub fn gather(&mut self, what: &Merge<'_>) {
        self.ways.begin(what.rate);
        self.rows.clear();
        self.meetings.clear();
        if self.round == u32::MAX {
            self.cells.clear();
            self.round = 0;
        }
        self.round += 1;
        let alone = what.pieces.len() == 1;
        for (piece, copies) in what.pieces.iter().enumerate() {
            for (place, (id, n)) in copies.met().enumerate() {
                if !what.part.has(id) {
                    continue;
                }
                let at = self.meetings.len() as u32;
                self.meetings.push(Meeting { piece: piece as u32, place: place as u32, next: NONE });
                let row = if alone { None } else { self.known(what.part.place(id)) };
                let (n, way) = (n as f32, self.ways.of(n as f32));
                if let Some(row) = row {
                    let row = &mut self.rows[row];
                    self.meetings[row.last as usize].next = at;
                    (row.n, row.ways, row.last) = (row.n + n, row.ways + way, at);
                } else {
                    self.rows.push(Met { id, n, ways: way, first: at, last: at });
                }
            }
        }
    }

    /// The place of a row that was met in this round; if it was not, it gets the next one.
    #[inline]
    fn known(&mut self, place: usize) -> Option<usize> {
        if place >= self.cells.len() {
            self.cells.resize(place + 1, (0, 0));
        }
        let cell = &mut self.cells[place];
        if cell.0 == self.round {
            return Some(cell.1 as usize);
        }
        *cell = (self.round, self.rows.len() as u32);
        None
    }

    /// The rows that were met, in the order of their first meetings.
    #[must_use]
    pub fn rows(&self) -> &[Met] {
        &self.rows
    }

    /// The copies of a row, in the order of pieces: whose, and at which place.
    pub fn copies<'a>(&'a self, row: &Met, what: &'a Merge<'_>) -> impl Iterator<Item = (&'a Copies, u32)> {
        let meeting = |at: u32| self.meetings.get(at as usize);
        std::iter::successors(meeting(row.first), move |m| meeting(m.next))
            .map(|m| (what.pieces[m.piece as usize], m.place))
    }
}
