//! Matrices of a model: dense ones in the mapped file, quantised ones as codes.

use std::sync::Arc;

use memmap2::Mmap;
use vectory_core::VectorsRef;

use super::FastTextError;
use super::cursor::Cursor;

/// Centroids of a part of a row.
const CENTROIDS: usize = 256;

/// A matrix of a model file.
#[derive(Clone)]
pub struct Matrix {
    rows: usize,
    dim: usize,
    store: Store,
}

#[derive(Clone)]
enum Store {
    Mapped { map: Arc<Mmap>, start: usize },
    Quantized(Arc<Quantized>),
}

/// Rows as codes of a product quantiser (Jégou et al., 2011), their lengths apart where `norms` are there.
struct Quantized {
    codes: Vec<u8>,
    quantizer: Quantizer,
    norms: Option<(Vec<u8>, Quantizer)>,
}

struct Quantizer {
    dim: usize,
    parts: usize,
    width: usize,
    last: usize,
    centroids: Vec<f32>,
}

/// Rows to be written.
pub enum MatrixRef<'a> {
    /// Rows in memory.
    Rows(VectorsRef<'a>),
    /// Rows of another model.
    File(&'a Matrix),
}

impl MatrixRef<'_> {
    /// (rows, values a row has).
    #[must_use]
    pub fn shape(&self) -> (usize, usize) {
        match self {
            Self::Rows(v) => (v.rows(), v.dim()),
            Self::File(m) => (m.rows, m.dim),
        }
    }

    /// Writes row `i` to `out`.
    pub fn row(&self, i: usize, out: &mut [f32]) {
        match self {
            Self::Rows(v) => out.copy_from_slice(v.row(i)),
            Self::File(m) => {
                out.fill(0.0);
                m.add(i, 1.0, out);
            }
        }
    }
}

impl Matrix {
    /// How many rows.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Values a row has.
    #[must_use]
    pub fn dim(&self) -> usize {
        self.dim
    }

    /// Whether rows are codes.
    #[must_use]
    pub fn is_quantized(&self) -> bool {
        matches!(self.store, Store::Quantized(_))
    }

    /// `out += scale · row i`. Panics when there is no such row, as slices do.
    pub fn add(&self, i: usize, scale: f32, out: &mut [f32]) {
        assert!(i < self.rows && out.len() == self.dim, "row {i} of {} × {}", self.rows, self.dim);
        match &self.store {
            Store::Mapped { map, start } => {
                let from = start + i * self.dim * 4;
                let row = map[from..from + self.dim * 4].as_chunks::<4>().0;
                out.iter_mut().zip(row).for_each(|(o, b)| *o += scale * f32::from_le_bytes(*b));
            }
            Store::Quantized(q) => q.add(i, scale, out),
        }
    }

    pub(super) fn read_dense(c: &mut Cursor<'_>, map: &Arc<Mmap>) -> Result<Self, FastTextError> {
        let (rows, dim) = (c.count("rows")?, c.count("columns")?);
        let start = c.at;
        let bytes =
            rows.checked_mul(dim).and_then(|n| n.checked_mul(4)).ok_or_else(|| c.bad("a matrix beyond memory"))?;
        c.take(bytes)?;
        Ok(Self { rows, dim, store: Store::Mapped { map: Arc::clone(map), start } })
    }

    pub(super) fn read_quantized(c: &mut Cursor<'_>) -> Result<Self, FastTextError> {
        let with_norms = c.byte()? != 0;
        let (rows, dim) = (c.count("rows")?, c.count("columns")?);
        let size = c.small("code bytes")? as usize;
        let codes = c.take(size)?.to_vec();
        let quantizer = Quantizer::read(c)?;
        if quantizer.dim != dim || rows.checked_mul(quantizer.parts) != Some(codes.len()) {
            return Err(c.bad(format!("{} code bytes for {rows} rows of {} parts", codes.len(), quantizer.parts)));
        }
        let norms = if with_norms {
            let codes = c.take(rows)?.to_vec();
            Some((codes, Quantizer::read(c)?))
        } else {
            None
        };
        Ok(Self { rows, dim, store: Store::Quantized(Arc::new(Quantized { codes, quantizer, norms })) })
    }
}

impl Quantizer {
    fn read(c: &mut Cursor<'_>) -> Result<Self, FastTextError> {
        let mut next = |what: &str| c.small(what).map(|n| n as usize);
        let (dim, parts, width, last) = (next("columns")?, next("parts")?, next("values")?, next("values")?);
        let fits =
            parts > 0 && last > 0 && last <= width && (parts - 1).checked_mul(width).is_some_and(|n| n + last == dim);
        if !fits {
            return Err(c.bad(format!("{parts} parts of {width} and {last} values for rows of {dim}")));
        }
        Ok(Self { dim, parts, width, last, centroids: c.floats(dim * CENTROIDS)? })
    }

    fn centroid(&self, part: usize, code: u8) -> &[f32] {
        let (start, len) = if part + 1 == self.parts {
            (part * CENTROIDS * self.width + usize::from(code) * self.last, self.last)
        } else {
            ((part * CENTROIDS + usize::from(code)) * self.width, self.width)
        };
        &self.centroids[start..start + len]
    }
}

impl Quantized {
    fn add(&self, i: usize, scale: f32, out: &mut [f32]) {
        let q = &self.quantizer;
        let norm = self.norms.as_ref().map_or(1.0, |(codes, n)| n.centroid(0, codes[i])[0]);
        for (part, code) in self.codes[i * q.parts..(i + 1) * q.parts].iter().enumerate() {
            let to = &mut out[part * q.width..];
            to.iter_mut().zip(q.centroid(part, *code)).for_each(|(o, c)| *o += scale * norm * c);
        }
    }
}

impl std::fmt::Debug for Matrix {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Matrix({} × {}{})", self.rows, self.dim, if self.is_quantized() { ", quantised" } else { "" })
    }
}
