//! A chain applied to a file, batch by batch: files may be larger than memory.

use std::path::Path;

use vectory_core::{Context, VectorsRef};
use vectory_io::vectors::{self, Batch, Names, ReadOptions, WriteOptions};

use super::Chain;
use crate::TransformError;

/// Values that are held at a time.
const HELD: usize = 1 << 22;

/// What was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Streamed {
    /// Rows.
    pub rows: u64,
    /// Values a row.
    pub dim: usize,
    /// Whether names were lost because the form has no place for them.
    pub names_dropped: bool,
}

impl Chain {
    /// Transforms the rows of `input` into `output` (the form by its name); `back` undoes the chain instead. The output is in its
    /// place only when all of it is written.
    ///
    /// # Errors
    /// [`TransformError::Vectors`] naming the file, and those of [`Chain::apply`] with the row's number in the file.
    pub fn apply_file(
        &self,
        input: &Path,
        output: &Path,
        back: bool,
        ctx: &Context,
    ) -> Result<Streamed, TransformError> {
        let mut reader = vectors::open(input, &ReadOptions::default())?;
        let (from, to) = if back { (self.dim_out(), self.dim_in()) } else { (self.dim_in(), self.dim_out()) };
        if reader.dim() != from {
            return Err(TransformError::Dim { found: reader.dim(), expected: from });
        }
        let options = WriteOptions { rows: reader.rows(), ..WriteOptions::default() };
        let mut writer = vectors::create(output, to, &options)?;
        ctx.progress().begin("transform", reader.rows(), "rows");
        let limit = (HELD / from.max(to).max(1)).clamp(1, 1 << 16);
        let (mut batch, mut done) = (Batch::default(), 0);
        while reader.read(&mut batch, limit)? > 0 {
            let rows = VectorsRef::new(&batch.values, from)
                .map_err(|e| TransformError::param("rows", e, "rows of one length"))?;
            let out = if back { self.inverse(rows, ctx) } else { self.apply(rows, ctx) };
            let out = out.map_err(|e| match e {
                TransformError::NonFinite { row, dim } => TransformError::NonFinite { row: row + done, dim },
                other => other,
            })?;
            writer.write(out.as_slice(), &batch.names)?;
            done += rows.rows();
            ctx.progress().advance(rows.rows() as u64);
        }
        ctx.progress().end();
        let written = writer.finish()?;
        Ok(Streamed { rows: written.rows, dim: written.dim, names_dropped: written.names == Names::Dropped })
    }
}
