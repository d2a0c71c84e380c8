//! From one form to another, batch by batch: files larger than memory are as welcome as small ones.

use std::path::Path;

use vectory_core::Context;

use super::error::form;
use super::rows::batch_rows;
use super::{Batch, ReadOptions, VectorError, WriteOptions, Written, create, open};

/// How a file is converted.
#[derive(Clone, Debug, Default)]
pub struct ConvertOptions {
    /// How the source is read.
    pub read: ReadOptions,
    /// How the target is written.
    pub write: WriteOptions,
}

/// Reads `from` and writes `to`. Memory: a batch of about a mebibyte each way (and the names, for `.safetensors` targets). Until
/// the end `to` is as it was; on failure it stays so.
///
/// # Errors
/// [`VectorError`] of either side, or when both are the same file, or when interrupted.
pub fn convert(from: &Path, to: &Path, options: &ConvertOptions, ctx: &Context) -> Result<Written, VectorError> {
    let mut reader = open(from, &options.read)?;
    let dim = reader.dim();
    if dim == 0 {
        return Err(form(from, "header", "there are no rows in it, and it does not say how long they would be"));
    }
    let rows = options.write.rows.or(reader.rows());
    let mut writer = create(to, dim, &WriteOptions { rows, ..options.write.clone() })?;
    ctx.progress().begin("convert", reader.rows(), "rows");
    let mut batch = Batch::default();
    loop {
        ctx.check()?;
        let n = reader.read(&mut batch, batch_rows(dim))?;
        if n == 0 {
            break;
        }
        writer.write(&batch.values, &batch.names)?;
        ctx.progress().advance(n as u64);
    }
    let written = writer.finish()?;
    ctx.progress().end();
    Ok(written)
}
