//! Judgements and runs from and to files.

use std::path::Path;

use thiserror::Error;
use vectory_io::trec::{self, Judgement, RunRow, TrecError};

use super::{Qrels, RankingError, Run};

/// Why a file of judgements or a run could not be read or written.
#[derive(Debug, Error)]
pub enum FileError {
    /// It is not in its form; the text names file and line.
    #[error(transparent)]
    Form(#[from] TrecError),
    /// It contradicts itself.
    #[error("{path}: {source}")]
    Content {
        /// The file.
        path: String,
        /// What is wrong.
        source: RankingError,
    },
}

impl Qrels {
    /// Reads judgements in BEIR's form (tabs, with a header) or TREC's, compressed or not.
    ///
    /// # Errors
    /// [`FileError`] naming the file, and the line or the query and document.
    pub fn read(path: &Path) -> Result<Self, FileError> {
        Self::from_judgements(trec::read_qrels(path)?)
            .map_err(|source| FileError::Content { path: path.display().to_string(), source })
    }

    /// Judgements as the reader gives them.
    ///
    /// # Errors
    /// As [`Qrels::from_rows`].
    pub fn from_judgements(rows: impl IntoIterator<Item = Judgement>) -> Result<Self, RankingError> {
        Self::from_rows(rows.into_iter().map(|j| (j.query, j.document, j.grade)))
    }
}

impl Run {
    /// Reads a TREC run; also gives its tag. Ranks in the file are ignored, as trec_eval does.
    ///
    /// # Errors
    /// [`FileError`] naming the file, and the line or the query and document.
    pub fn read(path: &Path) -> Result<(Self, String), FileError> {
        let (rows, tag) = trec::read_run(path)?;
        let run = Self::from_rows(rows.into_iter().map(|r| (r.query, r.document, r.score as f32)))
            .map_err(|source| FileError::Content { path: path.display().to_string(), source })?;
        Ok((run, tag))
    }

    /// Writes a TREC run, best first, ranks from 1.
    ///
    /// # Errors
    /// [`FileError::Form`] when the file cannot be written or an id holds a blank.
    pub fn write(&self, path: &Path, tag: &str) -> Result<(), FileError> {
        let rows: Vec<RunRow> = self
            .iter()
            .flat_map(|(query, documents)| {
                documents.iter().zip(1..).map(move |((document, score), rank)| RunRow {
                    query: query.to_owned(),
                    document: document.clone(),
                    rank,
                    score: f64::from(*score),
                })
            })
            .collect();
        Ok(trec::write_run(path, &rows, tag)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn written_runs_and_judgements_are_read_back() {
        let dir = tempfile::tempdir().unwrap();
        let (runs, judged) = (dir.path().join("r.trec"), dir.path().join("q.tsv"));
        let run = Run::from_rows([("q1", "b", 0.25), ("q1", "a", 0.1), ("q2", "a", -1e-8)]).unwrap();
        run.write(&runs, "tag").unwrap();
        assert_eq!(Run::read(&runs).unwrap(), (run, "tag".to_owned()));
        fs_err::write(&judged, "query-id\tcorpus-id\tscore\nq1\ta\t2\nq1\tb\t0\n").unwrap();
        assert_eq!(Qrels::read(&judged).unwrap(), Qrels::from_rows([("q1", "a", 2), ("q1", "b", 0)]).unwrap());
        fs_err::write(&judged, "query-id\tcorpus-id\tscore\nq1\ta\t2\nq1\ta\t0\n").unwrap();
        let error = Qrels::read(&judged).unwrap_err().to_string();
        assert!(error.contains("q.tsv") && error.contains("`q1`"), "{error}");
    }
}
