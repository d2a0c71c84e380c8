//! Whole files at once.

use std::path::Path;

use vectory_core::{Vectors, VectorsRef};

use super::error::form;
use super::rows::batch_rows;
use super::{
    Batch, Format, NonFinite, ReadOptions, RowReader, VectorError, WriteOptions, Written, checked, create, mapped, open,
};
use crate::stream::Compression;

/// All rows of a file.
#[derive(Clone, Debug)]
pub struct VectorSet {
    /// The rows; mapped where the file's layout allows.
    pub rows: Vectors,
    /// Their names, where there are any.
    pub names: Option<Vec<String>>,
}

/// Reads a whole file. f32 `.npy` files in C order and f32 `.safetensors` are mapped, not read: they cost no memory.
///
/// # Errors
/// As [`open`].
pub fn read_all(path: &Path) -> Result<VectorSet, VectorError> {
    read_all_with(path, &ReadOptions::default())
}

/// [`read_all`] with options.
///
/// # Errors
/// As [`open`].
pub fn read_all_with(path: &Path, options: &ReadOptions) -> Result<VectorSet, VectorError> {
    let format = match options.format {
        Some(format) => format,
        None => Format::detect(path)?,
    };
    let mut reader = open(path, &ReadOptions { format: Some(format), ..options.clone() })?;
    if !reader.has_names()
        && let Some(rows) = mapped::rows(path, format, options)?
    {
        if options.non_finite == NonFinite::Refuse {
            checked::finite(rows.as_slice(), rows.dim(), 0, path)?;
        }
        return Ok(VectorSet { rows, names: None });
    }
    let (rows, names) = collect(&mut *reader, path)?;
    Ok(VectorSet { rows, names: reader.has_names().then_some(names) })
}

fn collect(reader: &mut dyn RowReader, path: &Path) -> Result<(Vectors, Vec<String>), VectorError> {
    let (dim, mut names, mut batch) = (reader.dim(), Vec::new(), Batch::default());
    if let Some(rows) = credible(reader, path)? {
        let mut all = Vectors::zeros(rows, dim);
        let mut at = 0;
        while reader.read(&mut batch, batch_rows(dim))? > 0 {
            let end = at + batch.values.len();
            let place = all.as_mut_slice().get_mut(at..end);
            place.ok_or_else(|| form(path, "end", format!("more than {rows} rows")))?.copy_from_slice(&batch.values);
            names.append(&mut batch.names);
            at = end;
        }
        if at != rows * dim {
            return Err(form(path, "end", format!("{} rows, expected {rows}", at / dim.max(1))));
        }
        return Ok((all, names));
    }
    let mut flat = Vec::new();
    while reader.read(&mut batch, batch_rows(dim))? > 0 {
        flat.extend_from_slice(&batch.values);
        names.append(&mut batch.names);
    }
    let all = Vectors::from_slice(&flat, dim).map_err(|e| form(path, "end", e.to_string()))?;
    Ok((all, names))
}

/// The row count of the header where the file is large enough for it: every number takes a byte at least. Otherwise (compressed
/// files, wrong headers) memory is taken as rows really come.
fn credible(reader: &dyn RowReader, path: &Path) -> Result<Option<usize>, VectorError> {
    if Compression::of(path).0 != Compression::None {
        return Ok(None);
    }
    let size = u128::from(fs_err::metadata(path)?.len());
    let fits = |rows: &u64| u128::from(*rows) * reader.dim() as u128 <= size;
    Ok(reader.rows().filter(fits).and_then(|rows| usize::try_from(rows).ok()))
}

/// Writes rows, and their names if given, as a file of the form that its name tells.
///
/// # Errors
/// As [`create`]; also when there are not as many names as rows. What was at `path` then stays.
pub fn write_all(
    path: &Path,
    rows: VectorsRef<'_>,
    names: Option<&[String]>,
    options: &WriteOptions,
) -> Result<Written, VectorError> {
    if let Some(names) = names
        && names.len() != rows.rows()
    {
        return Err(form(path, "names", format!("{} names for {} rows", names.len(), rows.rows())));
    }
    let options = WriteOptions { rows: Some(rows.rows() as u64), ..options.clone() };
    let mut writer = create(path, rows.dim(), &options)?;
    let step = batch_rows(rows.dim());
    for start in (0..rows.rows()).step_by(step) {
        let end = (start + step).min(rows.rows());
        let names = names.map_or(&[][..], |n| &n[start..end]);
        writer.write(rows.slice(start, end).as_slice(), names)?;
    }
    writer.finish()
}
