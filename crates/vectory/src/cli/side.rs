//! What a transform is told of the rows besides their values: weights, labels, targets, anchors.

use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};

use clap::Args;

use super::output::Failure;
use crate::core::Vectors;
use crate::io::vectors;
use crate::transform::Side;

#[derive(Args)]
pub(super) struct SideArgs {
    /// How much each row counts: `name count` lines (matched by the names of the rows), or a number a row
    #[arg(long, value_name = "F.tsv", help_heading = "What is known of the rows it is fitted on")]
    weights: Option<PathBuf>,
    /// The class of each row, one a line: what `erase` erases
    #[arg(long, value_name = "F.txt", help_heading = "What is known of the rows it is fitted on")]
    labels: Option<PathBuf>,
    /// A second class of each row, whose trace is to be kept
    #[arg(long, value_name = "F.txt", help_heading = "What is known of the rows it is fitted on")]
    keep: Option<PathBuf>,
    /// The same items in another space (`align`), or tasks to serve (`minimax`)
    #[arg(long, value_name = "W", help_heading = "What is known of the rows it is fitted on")]
    targets: Option<PathBuf>,
    /// Anchors, concepts or a vocabulary
    #[arg(long, value_name = "A", help_heading = "What is known of the rows it is fitted on")]
    anchors: Option<PathBuf>,
}

/// The lists, read.
#[derive(Default)]
pub(super) struct SideData {
    weights: Option<Vec<f64>>,
    labels: Option<Vec<u32>>,
    keep: Option<Vec<u32>>,
    targets: Option<Vectors>,
    anchors: Option<Vectors>,
}

impl SideData {
    pub fn read(args: &SideArgs, rows: usize, names: Option<&[String]>) -> Result<Self, Failure> {
        let file = |p: &Option<PathBuf>| p.as_deref().map(|p| vectors::read_all(p).map(|s| s.rows)).transpose();
        Ok(Self {
            weights: args.weights.as_deref().map(|p| weights(p, rows, names)).transpose()?,
            labels: args.labels.as_deref().map(|p| labels(p, rows)).transpose()?,
            keep: args.keep.as_deref().map(|p| labels(p, rows)).transpose()?,
            targets: file(&args.targets)?,
            anchors: file(&args.anchors)?,
        })
    }

    /// Keeps what belongs to the given rows.
    pub fn pick(&mut self, chosen: &[usize]) {
        fn some<T: Copy>(list: &mut Option<Vec<T>>, chosen: &[usize]) {
            if let Some(l) = list {
                *l = chosen.iter().map(|i| l[*i]).collect();
            }
        }
        some(&mut self.weights, chosen);
        some(&mut self.labels, chosen);
        some(&mut self.keep, chosen);
        if let Some(t) = &mut self.targets
            && chosen.last().is_some_and(|l| *l < t.rows())
        {
            *t = t.picked(chosen.iter().copied());
        }
    }

    pub fn side(&self) -> Side<'_> {
        Side {
            weights: self.weights.as_deref(),
            labels: self.labels.as_deref(),
            keep: self.keep.as_deref(),
            targets: self.targets.as_ref().map(Vectors::view),
            anchors: self.anchors.as_ref().map(Vectors::view),
        }
    }
}

/// Weights of rows: `name count` lines matched by the rows' names, or a number a row.
pub(super) fn weights(path: &Path, rows: usize, names: Option<&[String]>) -> Result<Vec<f64>, Failure> {
    let text = fs_err::read_to_string(path)?;
    let mut by_name: HashMap<&str, f64> = HashMap::new();
    let mut plain = Vec::new();
    for (i, line) in text.lines().enumerate().filter(|l| !l.1.trim().is_empty()) {
        let (name, number) = match line.trim().rsplit_once(['\t', ' ']) {
            Some((name, number)) => (Some(name.trim()), number),
            None => (None, line.trim()),
        };
        let bad =
            || Failure::failed(format!("{}, line {}: `{number}` is not a weight (0 or more)", path.display(), i + 1));
        let value: f64 = number.parse().map_err(|_| bad())?;
        if !(value >= 0.0 && value.is_finite()) {
            return Err(bad());
        }
        match name {
            Some(name) => _ = by_name.insert(name, value),
            None => plain.push(value),
        }
    }
    match names {
        // A row without a count was never met: it counts nothing.
        Some(names) if plain.is_empty() => {
            Ok(names.iter().map(|n| by_name.get(n.as_str()).copied().unwrap_or(0.0)).collect())
        }
        _ if by_name.is_empty() && plain.len() == rows => Ok(plain),
        _ => Err(Failure::failed(format!(
            "{}: expected `name count` lines for rows with names, or {rows} numbers, one a row",
            path.display()
        ))),
    }
}

fn labels(path: &Path, rows: usize) -> Result<Vec<u32>, Failure> {
    let text = fs_err::read_to_string(path)?;
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    if lines.len() != rows {
        return Err(Failure::failed(format!("{}: {} labels for {rows} rows", path.display(), lines.len())));
    }
    let classes: BTreeSet<&str> = lines.iter().copied().collect();
    let ids: HashMap<&str, u32> = classes.into_iter().zip(0..).collect();
    Ok(lines.iter().map(|l| ids[l]).collect())
}
