//! The coded rows: contiguous, aligned, owned or borrowed from a file.

use bytemuck::{Pod, Zeroable};
use rayon::prelude::*;
use vectory_core::Context;
use vectory_core::simd::fetch_bytes;

use crate::CodecError;

/// Where a row's bytes lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Layout {
    /// Bytes a row takes in the primary block.
    pub primary: usize,
    /// Bytes a row takes in the secondary block; 0 where there is none.
    pub secondary: usize,
    /// Rows whose primary bytes are interleaved; 1 where each row lies by itself. The block is padded to whole groups.
    pub group: usize,
}

impl Layout {
    /// One record a row.
    #[must_use]
    pub fn records(primary: usize, secondary: usize) -> Self {
        Self { primary, secondary, group: 1 }
    }

    /// Bytes of the primary and of the secondary block for so many rows.
    #[must_use]
    pub fn bytes(&self, rows: usize) -> (usize, usize) {
        (rows.next_multiple_of(self.group) * self.primary, rows * self.secondary)
    }
}

/// A cache line: the unit of allocation, so that records of 64 bytes never straddle two lines.
#[derive(Clone, Copy, Debug, Pod, Zeroable)]
#[repr(C, align(64))]
pub(crate) struct Line([u8; 64]);

/// Bytes that start at a cache line.
#[derive(Clone, Debug, Default)]
pub(crate) struct Aligned {
    lines: Vec<Line>,
    len: usize,
}

impl Aligned {
    pub fn zeros(len: usize) -> Self {
        Self { lines: vec![Line::zeroed(); len.div_ceil(64)], len }
    }

    pub fn resize(&mut self, len: usize) {
        self.lines.resize(len.div_ceil(64), Line::zeroed());
        self.len = len;
    }

    pub fn bytes(&self) -> &[u8] {
        &bytemuck::cast_slice(&self.lines)[..self.len]
    }

    pub fn bytes_mut(&mut self) -> &mut [u8] {
        &mut bytemuck::cast_slice_mut(&mut self.lines)[..self.len]
    }
}

/// Coded rows in memory of our own.
#[derive(Clone, Debug)]
pub struct Codes {
    layout: Layout,
    rows: usize,
    primary: Aligned,
    secondary: Aligned,
}

impl Codes {
    /// So many rows of zero bytes.
    #[must_use]
    pub fn zeros(layout: Layout, rows: usize) -> Self {
        let (primary, secondary) = layout.bytes(rows);
        Self { layout, rows, primary: Aligned::zeros(primary), secondary: Aligned::zeros(secondary) }
    }

    /// A copy of coded rows that lie elsewhere.
    #[must_use]
    pub fn copy_of(codes: CodesRef<'_>) -> Self {
        let mut own = Self::zeros(codes.layout, codes.rows);
        own.primary.bytes_mut().copy_from_slice(codes.primary);
        own.secondary.bytes_mut().copy_from_slice(codes.secondary);
        own
    }

    /// How many rows.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// The rows, borrowed.
    #[must_use]
    pub fn view(&self) -> CodesRef<'_> {
        CodesRef {
            layout: self.layout,
            rows: self.rows,
            primary: self.primary.bytes(),
            secondary: self.secondary.bytes(),
        }
    }

    /// Makes room for more rows (zero bytes) or drops the last ones.
    pub fn resize(&mut self, rows: usize) {
        let (primary, secondary) = self.layout.bytes(rows);
        self.rows = rows;
        self.primary.resize(primary);
        self.secondary.resize(secondary);
    }

    /// Writes all rows, `chunk` at a time (a multiple of the layout's group) and on all threads: `write` is given the number of
    /// the first row and the bytes of the two blocks, which are zero where nothing was written before.
    ///
    /// # Errors
    /// When interrupted; some rows are then not written.
    pub fn fill(
        &mut self,
        chunk: usize,
        ctx: &Context,
        write: impl Fn(usize, &mut [u8], &mut [u8]) + Sync,
    ) -> Result<(), CodecError> {
        self.fill_from(0, chunk, ctx, write)
    }

    /// [`Codes::fill`] from row `first` on, which is given as row 0.
    pub(crate) fn fill_from(
        &mut self,
        first: usize,
        chunk: usize,
        ctx: &Context,
        write: impl Fn(usize, &mut [u8], &mut [u8]) + Sync,
    ) -> Result<(), CodecError> {
        let Layout { primary: width, secondary: second, .. } = self.layout;
        let parts = (self.rows - first).div_ceil(chunk);
        let (p, s) = self.layout.bytes(first);
        let secondaries: Vec<&mut [u8]> = match second {
            0 => (0..parts).map(|_| &mut [][..]).collect(),
            _ => self.secondary.bytes_mut()[s..].chunks_mut(chunk * second).collect(),
        };
        ctx.pool().install(|| {
            let primaries = self.primary.bytes_mut()[p..].par_chunks_mut((chunk * width).max(1)).enumerate();
            primaries.zip(secondaries).try_for_each(|((i, primary), secondary)| {
                ctx.check()?;
                write(i * chunk, primary, secondary);
                Ok(())
            })
        })
    }
}

/// Coded rows, wherever they lie: in [`Codes`], or in a mapped file.
#[derive(Clone, Copy, Debug)]
pub struct CodesRef<'a> {
    layout: Layout,
    rows: usize,
    primary: &'a [u8],
    secondary: &'a [u8],
}

impl<'a> CodesRef<'a> {
    /// Sees two blocks of bytes as coded rows. Any alignment works; starts at multiples of 64 are fastest.
    ///
    /// # Errors
    /// [`CodecError::Codes`] when a block has not the length that the layout asks for.
    pub fn new(layout: Layout, rows: usize, primary: &'a [u8], secondary: &'a [u8]) -> Result<Self, CodecError> {
        let expected = checked_bytes(layout, rows);
        if expected != Some((primary.len(), secondary.len())) {
            return Err(CodecError::Codes {
                found: (primary.len(), secondary.len()),
                expected: expected.unwrap_or((usize::MAX, usize::MAX)),
                rows,
            });
        }
        Ok(Self { layout, rows, primary, secondary })
    }

    /// How many rows.
    #[inline]
    #[must_use]
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Where a row's bytes lie.
    #[inline]
    #[must_use]
    pub fn layout(&self) -> Layout {
        self.layout
    }

    /// The primary block.
    #[inline]
    #[must_use]
    pub fn primary(&self) -> &'a [u8] {
        self.primary
    }

    /// The secondary block; empty where there is none.
    #[inline]
    #[must_use]
    pub fn secondary(&self) -> &'a [u8] {
        self.secondary
    }

    /// The primary record of a row (of a layout without groups). Panics past the end, as slices do.
    #[inline]
    #[must_use]
    pub fn record(&self, id: u32) -> &'a [u8] {
        &self.primary[id as usize * self.layout.primary..][..self.layout.primary]
    }

    /// The secondary record of a row. Panics past the end.
    #[inline]
    #[must_use]
    pub fn second(&self, id: u32) -> &'a [u8] {
        &self.secondary[id as usize * self.layout.secondary..][..self.layout.secondary]
    }

    /// The secondary block as the primary one of another codec.
    pub(crate) fn secondary_as_primary(&self, layout: Layout) -> Self {
        Self { layout, rows: self.rows, primary: self.secondary, secondary: &[] }
    }

    /// Asks the processor to fetch the primary record of row `id`. Any id may be given.
    #[inline]
    pub fn prefetch(&self, id: u32) {
        fetch(self.primary, id, self.layout.primary);
    }

    /// Asks the processor to fetch the secondary record of row `id`.
    #[inline]
    pub fn prefetch_second(&self, id: u32) {
        fetch(self.secondary, id, self.layout.secondary);
    }
}

fn checked_bytes(layout: Layout, rows: usize) -> Option<(usize, usize)> {
    let padded = rows.checked_next_multiple_of(layout.group.max(1))?;
    Some((padded.checked_mul(layout.primary)?, rows.checked_mul(layout.secondary)?))
}

#[inline]
fn fetch(block: &[u8], id: u32, stride: usize) {
    fetch_bytes(block.as_ptr().wrapping_add(id as usize * stride), stride);
}
