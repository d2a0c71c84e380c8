//! `vectory merge`: parts become one, spaces or files of vectors.

use std::path::{Path, PathBuf};

use clap::Args;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::output::{self, Failure};
use super::{Global, encoders};
use crate::core::{artifact, hash};
use crate::io::vectors::{self, Batch, ReadOptions, RowReader, WriteOptions};
use crate::space::{self, Merge, Shard, WriterParams};

#[derive(Args)]
#[command(after_help = "Examples:
  vectory build docs --shard 1/2 -o a.space        # on one machine
  vectory build docs --shard 2/2 -o b.space        # on another
  vectory merge a.space b.space -o docs.space
  vectory merge part-*.npy -o all.npy              # what `embed --shard` wrote, in the texts' order again")]
pub(super) struct MergeArgs {
    /// Spaces of one recipe, or files of vectors of one length
    #[arg(required = true, value_name = "PART", num_args = 1..)]
    parts: Vec<PathBuf>,
    /// Where the whole goes; a space must not be there
    #[arg(short, long, value_name = "OUT")]
    output: PathBuf,
}

/// What stands beside a part that `embed --shard` wrote.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct PartCard {
    shard: String,
    rows: u64,
    dim: usize,
    /// The weights of the encoder.
    fingerprint: String,
    /// Of the file.
    content: String,
}

impl PartCard {
    pub fn new(shard: Shard, rows: u64, dim: usize, fingerprint: &str, file: &Path) -> Result<Self, Failure> {
        let content = hash::content(&artifact::map(file)?);
        Ok(Self { shard: shard.to_string(), rows, dim, fingerprint: fingerprint.to_owned(), content })
    }

    fn path(file: &Path) -> PathBuf {
        let mut name = file.as_os_str().to_owned();
        name.push(".part.json");
        name.into()
    }

    pub fn write(&self, file: &Path) -> Result<(), Failure> {
        Ok(artifact::write_atomic(&Self::path(file), serde_json::to_string_pretty(self)?.as_bytes())?)
    }

    /// The card of a file, once it is known to be the file's own.
    fn read(file: &Path) -> Result<Option<(Shard, Self)>, Failure> {
        let path = Self::path(file);
        if !path.exists() {
            return Ok(None);
        }
        let bad = |why: String| Failure::failed(format!("{}: {why}", path.display()));
        let card: Self = serde_json::from_slice(&fs_err::read(&path)?).map_err(|e| bad(e.to_string()))?;
        if card.content != hash::content(&artifact::map(file)?) {
            return Err(bad(format!("is of another content than {}: embed that part again", file.display())));
        }
        let shard = card.shard.parse().map_err(bad)?;
        Ok(Some((shard, card)))
    }
}

pub(super) fn run(args: &MergeArgs, g: &Global) -> Result<(), Failure> {
    let folders = args.parts.iter().filter(|p| p.is_dir()).count();
    if folders == args.parts.len() {
        return of_spaces(args, g);
    }
    if folders > 0 {
        return Err(Failure::usage("some parts are spaces and some are files; merge those of one kind"));
    }
    of_files(args, g)
}

fn of_spaces(args: &MergeArgs, g: &Global) -> Result<(), Failure> {
    let encoders = encoders();
    let writer = WriterParams::default();
    let request = Merge { from: &args.parts, to: &args.output, encoders: &*encoders, writer };
    let moved = space::merge(&request, &g.context()?)?;
    if g.json {
        return output::json(&json!({"output": args.output, "documents": moved.documents, "passages": moved.passages}));
    }
    if g.quiet {
        return Ok(());
    }
    let n = output::grouped;
    output::print(&format!(
        "{}: {} documents of {} spaces",
        args.output.display(),
        n(moved.documents),
        args.parts.len()
    ))
}

/// The parts in their order, and whether their rows go in turn.
fn ordered(parts: &[PathBuf]) -> Result<(Vec<PathBuf>, bool), Failure> {
    let cards = parts.iter().map(|p| PartCard::read(p)).collect::<Result<Vec<_>, _>>()?;
    if cards.iter().all(Option::is_none) {
        return Ok((parts.to_vec(), false));
    }
    let mut list = Vec::new();
    for (path, card) in parts.iter().zip(cards) {
        let (shard, card) =
            card.ok_or_else(|| Failure::failed(format!("{}: is no part (it has no .part.json)", path.display())))?;
        list.push((shard, card, path.clone()));
    }
    list.sort_by_key(|l| l.0.index);
    let of = list[0].0.of;
    let whole = list.len() == of as usize && (1u32..).zip(&list).all(|(i, l)| l.0 == Shard { index: i, of });
    if !whole {
        let have: Vec<String> = list.iter().map(|l| l.0.to_string()).collect();
        return Err(Failure::failed(format!(
            "the parts are {}; each of 1/{of} to {of}/{of} is needed once",
            have.join(", ")
        )));
    }
    if let Some(other) = list.iter().find(|l| l.1.fingerprint != list[0].1.fingerprint) {
        return Err(Failure::failed(format!("{}: was made by another encoder than the first part", other.2.display())));
    }
    Ok((list.into_iter().map(|l| l.2).collect(), true))
}

/// Rows of one file, one at a time.
struct Rows {
    reader: Box<dyn RowReader>,
    batch: Batch,
    at: usize,
    have: usize,
}

impl Rows {
    fn open(path: &Path) -> Result<Self, Failure> {
        Ok(Self { reader: vectors::open(path, &ReadOptions::default())?, batch: Batch::default(), at: 0, have: 0 })
    }

    fn next(&mut self) -> Result<Option<(&[f32], Option<&String>)>, Failure> {
        if self.at == self.have {
            (self.at, self.have) = (0, self.reader.read(&mut self.batch, 1024)?);
        }
        if self.have == 0 {
            return Ok(None);
        }
        let (at, dim) = (self.at, self.reader.dim());
        self.at += 1;
        Ok(Some((&self.batch.values[at * dim..(at + 1) * dim], self.batch.names.get(at))))
    }
}

fn of_files(args: &MergeArgs, g: &Global) -> Result<(), Failure> {
    let (paths, in_turn) = ordered(&args.parts)?;
    let mut files = paths.iter().map(|p| Rows::open(p)).collect::<Result<Vec<_>, _>>()?;
    let dim = files[0].reader.dim();
    if let Some(at) = files.iter().position(|f| f.reader.dim() != dim) {
        let (path, first) = (paths[at].display(), paths[0].display());
        return Err(Failure::failed(format!(
            "{path}: has rows of {} values, {first} of {dim}",
            files[at].reader.dim()
        )));
    }
    let named = files.iter().all(|f| f.reader.has_names());
    let mut out = vectors::create(&args.output, dim, &WriteOptions::default())?;
    let ctx = g.context()?;
    ctx.progress().begin("merging", None, "rows");
    let mut turn = 0;
    while !files.is_empty() {
        ctx.check()?;
        match files[turn].next()? {
            Some((row, name)) => {
                let names: &[String] = name.filter(|_| named).map_or(&[][..], std::slice::from_ref);
                out.write(row, names)?;
                turn += usize::from(in_turn);
            }
            None => _ = files.remove(turn),
        }
        turn = if turn >= files.len() { 0 } else { turn };
    }
    ctx.progress().end();
    let done = out.finish()?;
    if g.json {
        return output::json(&json!({"output": args.output, "rows": done.rows, "dim": done.dim}));
    }
    if g.quiet {
        return Ok(());
    }
    output::print(&format!("{}: {} rows × {}", args.output.display(), output::grouped(done.rows), done.dim))
}
