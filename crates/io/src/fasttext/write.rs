//! Writing a model file that the fastText program and gensim load.

use std::io::Write;
use std::path::Path;

use super::model::{MAGIC, VERSION};
use super::{Args, Entry, FastTextError, MatrixRef};
use crate::stream::Output;

/// What makes up a model.
pub struct Parts<'a> {
    /// The training's arguments.
    pub args: Args,
    /// Words in the order of the rows.
    pub words: &'a [Entry],
    /// Labels in the order of the output rows.
    pub labels: &'a [Entry],
    /// Words of the training text.
    pub tokens: u64,
    /// A row a word, then a row a bucket.
    pub input: MatrixRef<'a>,
    /// A row a word or label; zeros where it is not known.
    pub output: Option<MatrixRef<'a>>,
}

/// Writes a `.bin` file, beside the target and renamed over it at the end.
///
/// # Errors
/// [`FastTextError`] when the parts do not fit each other or the file cannot be written.
pub fn write(path: &Path, p: &Parts<'_>) -> Result<(), FastTextError> {
    let (rows, dim) = p.input.shape();
    let hashed = p.args.max_n > 0 || p.args.word_ngrams > 1;
    let want = p.words.len() + if hashed { p.args.buckets as usize } else { 0 };
    if dim != p.args.dim as usize || rows < want {
        return Err(FastTextError::Parts(format!("an input matrix of {rows} × {dim} for {want} words and buckets")));
    }
    if let Some(e) = p.words.iter().chain(p.labels).find(|e| e.text.contains(['\0', ' ', '\n'])) {
        let text = format!("`{}` holds a blank, which a fastText dictionary cannot hold; replace it (by `_`)", e.text);
        return Err(FastTextError::Parts(text));
    }
    let mut out = Output::create(path)?;
    write_args(&mut out, &p.args)?;
    let (words, labels) = (p.words.len() as i32, p.labels.len() as i32);
    for n in [words + labels, words, labels] {
        out.write_all(&n.to_le_bytes())?;
    }
    out.write_all(&p.tokens.cast_signed().to_le_bytes())?;
    out.write_all(&(-1i64).to_le_bytes())?;
    for (kind, entries) in [(0u8, p.words), (1, p.labels)] {
        for e in entries {
            out.write_all(e.text.as_bytes())?;
            out.write_all(&[0])?;
            out.write_all(&e.count.cast_signed().to_le_bytes())?;
            out.write_all(&[kind])?;
        }
    }
    write_matrix(&mut out, &p.input)?;
    match &p.output {
        Some(m) => write_matrix(&mut out, m)?,
        None => write_zeros(&mut out, if p.labels.is_empty() { p.words.len() } else { p.labels.len() }, dim)?,
    }
    out.commit()?;
    Ok(())
}

fn write_args(out: &mut impl Write, a: &Args) -> std::io::Result<()> {
    let numbers = [a.dim, a.window, a.epochs, a.min_count, a.negative, a.word_ngrams, a.loss as u32, a.model as u32];
    let more = [a.buckets, a.min_n, a.max_n, a.update_rate];
    for n in [MAGIC, VERSION].into_iter().chain(numbers.into_iter().chain(more).map(u32::cast_signed)) {
        out.write_all(&n.to_le_bytes())?;
    }
    out.write_all(&a.sample.to_le_bytes())
}

/// Not quantised, shape, values.
fn write_matrix(out: &mut impl Write, m: &MatrixRef<'_>) -> std::io::Result<()> {
    let (rows, dim) = m.shape();
    write_shape(out, rows, dim)?;
    let (mut row, mut bytes) = (vec![0.0f32; dim], Vec::with_capacity(dim * 4));
    for i in 0..rows {
        m.row(i, &mut row);
        bytes.clear();
        bytes.extend(row.iter().flat_map(|v| v.to_le_bytes()));
        out.write_all(&bytes)?;
    }
    Ok(())
}

fn write_zeros(out: &mut impl Write, rows: usize, dim: usize) -> std::io::Result<()> {
    write_shape(out, rows, dim)?;
    let zeros = vec![0u8; dim * 4];
    (0..rows).try_for_each(|_| out.write_all(&zeros))
}

fn write_shape(out: &mut impl Write, rows: usize, dim: usize) -> std::io::Result<()> {
    out.write_all(&[0])?;
    out.write_all(&(rows as i64).to_le_bytes())?;
    out.write_all(&(dim as i64).to_le_bytes())
}
