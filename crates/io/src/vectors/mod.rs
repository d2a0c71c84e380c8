//! Rows of vectors in the field's file forms, read and written as streams.
//!
//! | form | names | notes |
//! |---|---|---|
//! | `.npy` | – | f2 f4 f8, i1…i8, u1…u8, bool; either byte order; C and Fortran order; versions 1–3 |
//! | `.npz` | – | one array of it, stored or deflated |
//! | `.fvecs` `.ivecs` `.bvecs` | – | TEXMEX: each row with its length |
//! | `.fbin` `.u8bin` `.i8bin` `.ibin` | – | big-ann: row count and length, then rows |
//! | `.safetensors` | tensor `names` | f32 f16 bf16 f64, integers |
//! | `.parquet` | text or number column | list column of floats |
//! | `.vec`, `.w2v`, `.txt` with a header | yes | word2vec text |
//! | `.bin` | yes | word2vec binary |
//! | `.glove`, `.txt` | yes | GloVe text |
//! | `.magnitude` | yes | pymagnitude's SQLite table |
//! | `.hdf5`, `.h5` | – | ann-benchmarks; datasets of two dimensions as [`hdf5`] says; read only |
//! | `.tsv` | first column or own file | vectors and metadata as the embedding projector takes them |
//!
//! Ragged sets of token vectors: [`multi`]. Weighted sparse vectors: [`sparse`]. Rows of bits: [`bits`].
//!
//! Every form that is read front to back may be `.gz` or `.zst`. [`open`] streams rows in batches, [`create`] writes them (beside
//! the target, renamed over it at the end), [`convert`] does both; [`read_all`] maps files where their layout allows. Rows of
//! files with names in a second file: [`ReadOptions::names`].

mod arrays;
mod binary;
pub mod bits;
mod checked;
mod convert;
mod element;
mod error;
mod fixed;
mod float;
mod format;
mod fortran;
pub mod hdf5;
mod ids;
mod magnitude;
pub(crate) mod mapped;
pub mod multi;
mod named;
mod npy;
mod npz;
mod options;
mod parquet;
mod rows;
mod safetensors;
pub mod sparse;
mod text;
mod vecs;
mod whole;
mod word2vec;

use std::path::Path;

pub use convert::{ConvertOptions, convert};
pub use element::Element;
pub use error::VectorError;
pub use format::Format;
pub use ids::{Ids, read_ids, write_ids};
pub use options::{NonFinite, ReadOptions, WriteOptions};
pub use rows::{Batch, Names, RowReader, RowWriter, Written};
pub use whole::{VectorSet, read_all, read_all_with, write_all};

/// More values a row than this are taken for a damaged header.
pub const MAX_DIM: usize = 1 << 20;

/// Opens a file of vectors to be read in batches. The form is told by its name, for `.txt` by its first line.
///
/// # Errors
/// [`VectorError`] naming the file, where in it, what is wrong and what would be right.
pub fn open(path: &Path, options: &ReadOptions) -> Result<Box<dyn RowReader>, VectorError> {
    let format = match options.format {
        Some(format) => format,
        None => Format::detect(path)?,
    };
    let reader: Box<dyn RowReader> = match format {
        Format::Npy => npy::open(path)?,
        Format::Npz => npz::open(path, options.array.as_deref())?,
        Format::Fvecs | Format::Ivecs | Format::Bvecs => Box::new(vecs::Vecs::open(path, format)?),
        Format::Fbin | Format::U8bin | Format::I8bin | Format::Ibin => Box::new(binary::open(path, format)?),
        Format::Safetensors => safetensors::open(path, options.array.as_deref())?,
        Format::Parquet => Box::new(parquet::read::ParquetRows::open(path, options)?),
        Format::Magnitude => Box::new(magnitude::Magnitude::open(path)?),
        Format::Hdf5 => hdf5::open(path, options.array.as_deref())?,
        Format::Word2VecBinary => Box::new(word2vec::Word2Vec::open(path)?),
        Format::Word2VecText | Format::Glove | Format::Tsv => Box::new(text::read::TextRows::open(path, format)?),
    };
    let reader = match &options.names {
        Some(file) => named::attach(reader, path, file)?,
        None => reader,
    };
    Ok(match options.non_finite {
        NonFinite::Keep => reader,
        NonFinite::Refuse => Box::new(checked::Checked::new(reader, path)),
    })
}

/// Creates a file of vectors of `dim` values, to be written in batches. The form is told by the name.
///
/// # Errors
/// [`VectorError`] when the form cannot be told or cannot hold such rows, or nothing can be created there.
pub fn create(path: &Path, dim: usize, options: &WriteOptions) -> Result<Box<dyn RowWriter>, VectorError> {
    let format = match options.format {
        Some(format) => format,
        None => Format::of_target(path)?,
    };
    if dim == 0 || dim > MAX_DIM {
        return Err(error::form(path, "header", format!("rows of {dim} values, expected 1 to {MAX_DIM}")));
    }
    let element = format.element(path, options.element)?;
    let inner: Box<dyn RowWriter> = match format {
        Format::Npy => Box::new(fixed::FixedWriter::npy(path, dim, element)?),
        Format::Npz => Box::new(npz::NpzWriter::create(path, dim, element)?),
        Format::Fvecs | Format::Ivecs | Format::Bvecs => Box::new(vecs::VecsWriter::create(path, dim, element)?),
        Format::Fbin | Format::U8bin | Format::I8bin | Format::Ibin => {
            Box::new(fixed::FixedWriter::bin(path, dim, element)?)
        }
        Format::Safetensors => Box::new(fixed::FixedWriter::safetensors(path, dim, element)?),
        Format::Parquet => Box::new(parquet::write::ParquetWriter::create(path, dim)?),
        Format::Magnitude => Box::new(magnitude::MagnitudeWriter::create(path, dim)?),
        Format::Word2VecBinary => Box::new(word2vec::Word2VecWriter::create(path, dim, options.rows)?),
        Format::Hdf5 => {
            return Err(error::form(path, "name", "HDF5 is read, not written; choose another form, such as .npy"));
        }
        Format::Word2VecText | Format::Glove | Format::Tsv => {
            Box::new(text::write::TextWriter::create(path, dim, format, options)?)
        }
    };
    Ok(match &options.names {
        Some(file) => Box::new(named::NamesWriter::create(inner, file)?),
        None => inner,
    })
}
