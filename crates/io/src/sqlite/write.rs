//! Writing new files, table by table.

use std::io::{self, Write};

use super::record::{Value, encode, push_varint};
use crate::stream::Output;

/// The largest page: rows of some thousands of values fit in one.
const PAGE: usize = 65536;

/// Writes the pages of one table as its rows come; the pages before it belong to others.
pub struct TableWriter {
    name: String,
    sql: String,
    cells: Vec<Vec<u8>>,
    bytes: usize,
    rows: u64,
    next: u32,
    /// (page, last row id) of the pages of the level.
    level: Vec<(u32, u64)>,
}

impl TableWriter {
    /// A table whose first page will have this number (the first table of a file begins at 2: page 1 is the schema's).
    #[must_use]
    pub fn new(name: &str, sql: &str, first_page: u32) -> Self {
        Self { name: name.into(), sql: sql.into(), cells: vec![], bytes: 0, rows: 0, next: first_page, level: vec![] }
    }

    /// Appends a row.
    ///
    /// # Errors
    /// When writing fails, or the row is larger than a page.
    pub fn push(&mut self, out: &mut Output, values: &[Value]) -> io::Result<()> {
        let record = encode(values);
        if record.len() > PAGE - 35 {
            return Err(io::Error::other(format!("a row of {} bytes does not fit a page", record.len())));
        }
        self.rows += 1;
        let mut cell = Vec::with_capacity(record.len() + 12);
        push_varint(&mut cell, record.len() as u64);
        push_varint(&mut cell, self.rows);
        cell.extend_from_slice(&record);
        if self.bytes + cell.len() + 2 + 8 > PAGE {
            self.leaf(out, self.rows - 1)?;
        }
        self.bytes += cell.len() + 2;
        self.cells.push(cell);
        Ok(())
    }

    fn leaf(&mut self, out: &mut Output, last: u64) -> io::Result<()> {
        out.write_all(&page(0x0d, &self.cells, None, 0))?;
        self.level.push((self.next, last));
        self.next += 1;
        (self.bytes, self.cells) = (0, vec![]);
        Ok(())
    }

    /// Writes what is left; gives the row of the schema and the number of the next free page.
    ///
    /// # Errors
    /// When writing fails.
    pub fn end(mut self, out: &mut Output) -> io::Result<([Value; 5], u32)> {
        if !self.cells.is_empty() || self.level.is_empty() {
            self.leaf(out, self.rows)?;
        }
        // A cell of an interior page takes at most 15 bytes.
        const FAN: usize = (PAGE - 12) / 15;
        while self.level.len() > 1 {
            let mut above = Vec::new();
            for group in self.level.chunks(FAN + 1) {
                let (last, before) = (group[group.len() - 1], &group[..group.len() - 1]);
                let cell = |(page, row): &(u32, u64)| {
                    let mut cell = page.to_be_bytes().to_vec();
                    push_varint(&mut cell, *row);
                    cell
                };
                out.write_all(&page(0x05, &before.iter().map(cell).collect::<Vec<_>>(), Some(last.0), 0))?;
                above.push((self.next, last.1));
                self.next += 1;
            }
            self.level = above;
        }
        let root = Value::Int(i64::from(self.level[0].0));
        let text = |t: &str| Value::Text(t.to_owned());
        Ok(([text("table"), text(&self.name), text(&self.name), root, text(&self.sql)], self.next))
    }
}

/// Fills in the first page, for which the caller left room (as many zero bytes as a page has), and puts the file in its place.
///
/// # Errors
/// When writing fails, or the schema is larger than a page.
pub fn finish(mut out: Output, schema: &[[Value; 5]], pages: u32) -> io::Result<()> {
    let cells: Vec<Vec<u8>> = schema
        .iter()
        .enumerate()
        .map(|(i, row)| {
            let (record, mut cell) = (encode(row), Vec::new());
            push_varint(&mut cell, record.len() as u64);
            push_varint(&mut cell, i as u64 + 1);
            cell.extend_from_slice(&record);
            cell
        })
        .collect();
    if cells.iter().map(|c| c.len() + 2).sum::<usize>() > PAGE - 120 {
        return Err(io::Error::other("the statements that make the tables do not fit the first page"));
    }
    let mut first = page(0x0d, &cells, None, 100);
    first[..16].copy_from_slice(b"SQLite format 3\0");
    // Page size 65536 is written as 1; then file format versions, no reserved bytes, the fixed payload fractions.
    first[16..24].copy_from_slice(&[0, 1, 1, 1, 0, 64, 32, 32]);
    let mut put = |at: usize, v: u32| first[at..at + 4].copy_from_slice(&v.to_be_bytes());
    put(24, 1); // change counter
    put(28, pages);
    put(40, 1); // schema cookie
    put(44, 4); // schema format
    put(56, 1); // UTF-8
    put(92, 1); // the counter for which the page count holds
    put(96, 3_040_000);
    out.patch(0, &first)?;
    out.commit()
}

/// Room for the first page.
#[must_use]
pub(crate) fn first_page() -> Vec<u8> {
    vec![0; PAGE]
}

/// A page of cells, its header at `head`.
fn page(kind: u8, cells: &[Vec<u8>], right: Option<u32>, head: usize) -> Vec<u8> {
    let mut out = vec![0u8; PAGE];
    let mut end = PAGE;
    let array = head + if right.is_some() { 12 } else { 8 };
    for (i, cell) in cells.iter().enumerate() {
        end -= cell.len();
        out[end..end + cell.len()].copy_from_slice(cell);
        out[array + 2 * i..array + 2 * i + 2].copy_from_slice(&(end as u16).to_be_bytes());
    }
    out[head] = kind;
    out[head + 3..head + 5].copy_from_slice(&(cells.len() as u16).to_be_bytes());
    // 65536, an empty page, is written as 0.
    out[head + 5..head + 7].copy_from_slice(&(end as u16).to_be_bytes());
    if let Some(right) = right {
        out[head + 8..head + 12].copy_from_slice(&right.to_be_bytes());
    }
    out
}
