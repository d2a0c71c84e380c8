//! A local leaderboard: one JSON file of results, each with what made it and a signature over it.
//!
//! A row names the command that made it and the hash of its run, so that anyone can make it again and compare; its signature
//! is a content hash over all of the row and a key. With a key that only the keeper has, changed rows are noticed; without
//! one (the empty key), slips and hand edits are. The hash does not resist somebody who sets out to forge rows.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use thiserror::Error;
use vectory_core::artifact::write_atomic;
use vectory_core::hash;
use vectory_core::report::Table;

use crate::ranking::Run;

/// Why a leaderboard could not be read or written.
#[derive(Debug, Error)]
pub enum LeaderboardError {
    /// Reading or writing failed; the text names the file.
    #[error(transparent)]
    Io(#[from] std::io::Error),
    /// Not a leaderboard.
    #[error("{path}: not a leaderboard ({source})")]
    Format {
        /// The file.
        path: PathBuf,
        /// What the reader said.
        source: serde_json::Error,
    },
    /// A row does not carry the signature that its content asks for.
    #[error("{path}: row {row} ({model} on {data}) was changed after it was signed, or signed with another key")]
    Signature {
        /// The file.
        path: PathBuf,
        /// Which row, from 1.
        row: usize,
        /// Its model.
        model: String,
        /// Its data.
        data: String,
    },
}

/// One result.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Row {
    /// What answered: `bm25`, `static-en`, `fused`, …
    pub model: String,
    /// On what: `scifact`, …
    pub data: String,
    /// nDCG@10.
    #[serde(rename = "ndcg@10")]
    pub ndcg_10: f64,
    /// Recall@100.
    #[serde(rename = "recall@100")]
    pub recall_100: f64,
    /// When, as `YYYY-MM-DD`.
    pub date: String,
    /// The command that makes it again.
    pub command: String,
    /// [`run_hash`] of its run.
    pub run_hash: String,
    /// Over all of the above and the key; set by [`Leaderboard::add`].
    #[serde(default)]
    pub signature: String,
}

/// All results, in the order in which they came.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Leaderboard {
    rows: Vec<Row>,
}

/// Names the content of a run: equal runs (documents, order and scores) have equal hashes.
#[must_use]
pub fn run_hash(run: &Run) -> String {
    let mut text = String::new();
    for (query, documents) in run.iter() {
        for (document, score) in documents {
            text.push_str(&format!("{query}\t{document}\t{score}\n"));
        }
    }
    hash::content(text.as_bytes())
}

impl Row {
    /// The signature that this row should carry.
    fn signed(&self, key: &str) -> String {
        let Self { model, data, ndcg_10, recall_100, date, command, run_hash, signature: _ } = self;
        // JSON keeps the fields apart, whatever they hold.
        let content = serde_json::json!([model, data, ndcg_10, recall_100, date, command, run_hash]).to_string();
        let inner = hash::content(format!("{key}\n{content}").as_bytes());
        hash::content(format!("{inner}\n{key}").as_bytes())
    }
}

impl Leaderboard {
    /// Reads a leaderboard and checks every signature; a missing file is an empty one.
    ///
    /// # Errors
    /// [`LeaderboardError`] when it cannot be read, is no leaderboard, or a row was changed.
    pub fn open(path: &Path, key: &str) -> Result<Self, LeaderboardError> {
        let bytes = match fs_err::read(path) {
            Ok(b) => b,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(Self::default()),
            Err(e) => return Err(e.into()),
        };
        let board: Self = serde_json::from_slice(&bytes)
            .map_err(|source| LeaderboardError::Format { path: path.to_owned(), source })?;
        match board.rows.iter().position(|r| r.signature != r.signed(key)) {
            None => Ok(board),
            Some(i) => Err(LeaderboardError::Signature {
                path: path.to_owned(),
                row: i + 1,
                model: board.rows[i].model.clone(),
                data: board.rows[i].data.clone(),
            }),
        }
    }

    /// Signs a row and adds it.
    pub fn add(&mut self, mut row: Row, key: &str) {
        row.signature = row.signed(key);
        self.rows.push(row);
    }

    /// Writes the leaderboard; a crash leaves the old or the new one.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn save(&self, path: &Path) -> Result<(), LeaderboardError> {
        let mut text = serde_json::to_vec_pretty(self)
            .map_err(|source| LeaderboardError::Format { path: path.to_owned(), source })?;
        text.push(b'\n');
        Ok(write_atomic(path, &text)?)
    }

    /// All results.
    #[must_use]
    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// A table by data set, the best nDCG@10 first, with the difference to `baseline` (a model's name) where it was scored.
    #[must_use]
    pub fn table(&self, baseline: &str) -> Table {
        let mut rows: Vec<&Row> = self.rows.iter().collect();
        rows.sort_by(|a, b| a.data.cmp(&b.data).then(b.ndcg_10.total_cmp(&a.ndcg_10)).then(a.model.cmp(&b.model)));
        let base =
            |data: &str| self.rows.iter().rev().find(|r| r.model == baseline && r.data == data).map(|r| r.ndcg_10);
        let columns = ["data", "model", "nDCG@10", &format!("vs {baseline}"), "Recall@100", "date"];
        Table {
            columns: columns.map(str::to_owned).to_vec(),
            rows: rows
                .into_iter()
                .map(|r| {
                    let difference = base(&r.data).map_or("–".to_owned(), |b| format!("{:+.4}", r.ndcg_10 - b));
                    vec![
                        r.data.clone(),
                        r.model.clone(),
                        format!("{:.4}", r.ndcg_10),
                        difference,
                        format!("{:.4}", r.recall_100),
                        r.date.clone(),
                    ]
                })
                .collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(model: &str, ndcg_10: f64) -> Row {
        Row {
            model: model.into(),
            data: "scifact".into(),
            ndcg_10,
            recall_100: 0.9,
            date: "2026-01-02".into(),
            command: "vectory evaluate retrieval --data scifact".into(),
            run_hash: "0".into(),
            signature: String::new(),
        }
    }

    #[test]
    fn kept_rows_open_and_changed_rows_are_named() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("board.json");
        let mut board = Leaderboard::open(&path, "key").unwrap();
        board.add(row("bm25", 0.6791), "key");
        board.add(row("fused", 0.7), "key");
        board.save(&path).unwrap();
        assert_eq!(Leaderboard::open(&path, "key").unwrap(), board);
        assert!(matches!(Leaderboard::open(&path, "other"), Err(LeaderboardError::Signature { row: 1, .. })));
        let edited = fs_err::read_to_string(&path).unwrap().replace("0.7,", "0.8,");
        fs_err::write(&path, edited).unwrap();
        let error = Leaderboard::open(&path, "key").unwrap_err().to_string();
        assert!(error.contains("row 2 (fused on scifact)"), "{error}");
        fs_err::write(&path, "{").unwrap();
        assert!(matches!(Leaderboard::open(&path, "key"), Err(LeaderboardError::Format { .. })));
    }

    #[test]
    fn the_table_ranks_and_compares() {
        let mut board = Leaderboard::default();
        board.add(row("bm25", 0.6), "");
        board.add(row("fused", 0.65), "");
        let t = board.table("bm25");
        assert_eq!(t.rows[0][..4], ["scifact", "fused", "0.6500", "+0.0500"].map(str::to_owned));
        assert_eq!(t.rows[1][3], "+0.0000");
    }

    #[test]
    fn runs_are_named_by_their_content() {
        let a = Run::from_rows([("q", "a", 1.0), ("q", "b", 0.5)]).unwrap();
        let b = Run::from_rows([("q", "b", 0.5), ("q", "a", 1.0)]).unwrap();
        let c = Run::from_rows([("q", "b", 0.5), ("q", "a", 1.5)]).unwrap();
        assert_eq!(run_hash(&a), run_hash(&b));
        assert_ne!(run_hash(&a), run_hash(&c));
    }
}
