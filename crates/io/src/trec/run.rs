//! Runs: what a system answered.

use std::io::Write;
use std::path::Path;

use super::{LINE, TrecError, each_line};
use crate::stream::{self, Lines, Output};

/// One answer of a run.
#[derive(Clone, Debug, PartialEq)]
pub struct RunRow {
    /// The query's id.
    pub query: String,
    /// The document's id.
    pub document: String,
    /// Its rank as the file says, from 0 or 1. trec_eval ignores it and sorts by score.
    pub rank: u32,
    /// Its score, larger is better; finite.
    pub score: f64,
}

/// Reads a run of six columns; gives its rows and the tag of the first.
///
/// # Errors
/// [`TrecError`] naming the file and line of the first row of another form.
pub fn read_run(path: &Path) -> Result<(Vec<RunRow>, String), TrecError> {
    let mut lines = Lines::new(stream::open(path, None)?, LINE);
    let (mut rows, mut tag) = (Vec::new(), String::new());
    each_line(&mut lines, |text, _| {
        let cells: Vec<&str> = text.split_whitespace().collect();
        let &[query, _, document, rank, score, name] = cells.as_slice() else {
            return Err(format!("{} columns, expected 6: query Q0 document rank score tag", cells.len()));
        };
        let rank = rank.parse().map_err(|_| format!("the rank is `{rank}`, expected a whole number"))?;
        let score: f64 = score.parse().map_err(|_| format!("the score is `{score}`, expected a number"))?;
        if !score.is_finite() {
            return Err(format!("the score is {score}, expected a finite number"));
        }
        if rows.is_empty() {
            name.clone_into(&mut tag);
        }
        rows.push(RunRow { query: query.to_owned(), document: document.to_owned(), rank, score });
        Ok(())
    })?;
    Ok((rows, tag))
}

/// Writes a run of six columns. Scores are written so that they are read back exactly. The file is replaced in one step.
///
/// # Errors
/// When the file cannot be written, or an id or the tag is empty or holds a blank, which the form cannot hold.
pub fn write_run<'a>(path: &Path, rows: impl IntoIterator<Item = &'a RunRow>, tag: &str) -> Result<(), TrecError> {
    let mut out = Output::create(path)?;
    for (i, row) in rows.into_iter().enumerate() {
        for id in [row.query.as_str(), &row.document, tag] {
            if id.is_empty() || id.contains(char::is_whitespace) {
                let why = format!("`{id}` is empty or holds a blank, which a run cannot hold");
                return Err(TrecError::Form { path: path.display().to_string(), line: i as u64 + 1, why });
            }
        }
        writeln!(out, "{} Q0 {} {} {} {tag}", row.query, row.document, row.rank, row.score)?;
    }
    Ok(out.commit()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn written_is_read_exactly() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("r.trec");
        let row = |d: &str, rank, score| RunRow { query: "q".into(), document: d.into(), rank, score };
        let rows = vec![row("a", 1, 0.1 + 0.2), row("b", 2, -1e-17)];
        write_run(&path, &rows, "vectory").unwrap();
        assert_eq!(read_run(&path).unwrap(), (rows, "vectory".into()));
        assert!(write_run(&path, &[row("a b", 1, 0.0)], "x").unwrap_err().to_string().contains("`a b`"));
        assert!(read_run(&path).is_ok(), "a failed write leaves the old run");
    }

    #[test]
    fn bad_lines_are_named() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("r.trec");
        for (text, want) in [
            ("q Q0 d 1 0.5 t\nq Q0 d 1 0.5\n", ":2: 5 columns"),
            ("q Q0 d x 0.5 t\n", ":1: the rank is `x`"),
            ("q Q0 d 1 nan t\n", ":1: the score is NaN"),
        ] {
            fs_err::write(&path, text).unwrap();
            let e = read_run(&path).unwrap_err().to_string();
            assert!(e.contains("r.trec") && e.contains(want), "{e}");
        }
    }
}
