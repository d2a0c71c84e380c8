//! A test collection in BEIR's layout (Thakur et al. 2021): `corpus.jsonl`, `queries.jsonl`, `qrels/SPLIT.tsv` in a folder.

use std::path::{Path, PathBuf};

use super::{Judgement, TrecError, read_qrels};
use crate::documents::{self, Item, SourceParams, SourceSpec};

/// A query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query {
    /// Its id.
    pub id: String,
    /// What is asked.
    pub text: String,
}

/// A collection: queries and judgements in memory, the corpus where it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Collection {
    /// The corpus file; stream it with [`Collection::documents`].
    pub corpus: PathBuf,
    /// All queries, judged or not, in the order of the file.
    pub queries: Vec<Query>,
    /// The judgements of the split.
    pub qrels: Vec<Judgement>,
}

/// Opens a collection with the judgements of a split (`test`, `dev`, `train`). Every file may be `.gz` or `.zst`.
///
/// # Errors
/// [`TrecError::Collection`] naming what is missing (for a split, those there are), or what is wrong in a file.
pub fn open(folder: &Path, split: &str) -> Result<Collection, TrecError> {
    let missing = |why: String| TrecError::Collection { path: folder.display().to_string(), why };
    let find = |name: &str| any(&folder.join(name)).ok_or_else(|| missing(format!("there is no {name}[.gz|.zst]")));
    let corpus = find("corpus.jsonl")?;
    let queries = read_queries(&find("queries.jsonl")?)?;
    let qrels = any(&folder.join("qrels").join(format!("{split}.tsv")))
        .ok_or_else(|| missing(format!("there is no split `{split}`; there are: {}", splits(folder).join(", "))))?;
    Ok(Collection { corpus, queries, qrels: read_qrels(&qrels)? })
}

/// The splits that a collection has judgements for.
#[must_use]
pub fn splits(folder: &Path) -> Vec<String> {
    let Ok(entries) = fs_err::read_dir(folder.join("qrels")) else { return Vec::new() };
    let names = entries.filter_map(|e| e.ok()?.file_name().into_string().ok());
    let mut splits: Vec<String> = names.filter_map(|n| n.split_once(".tsv").map(|(s, _)| s.to_owned())).collect();
    splits.sort();
    splits.dedup();
    splits
}

impl Collection {
    /// The corpus, document by document.
    ///
    /// # Errors
    /// When the corpus is not there any more.
    pub fn documents(&self, params: &SourceParams) -> Result<documents::Sources, TrecError> {
        Ok(documents::open(&[SourceSpec::Path(self.corpus.clone())], params)?)
    }

    /// The queries that have a judgement in the split, in the order of the file.
    pub fn judged(&self) -> impl Iterator<Item = &Query> {
        let judged: std::collections::HashSet<&str> = self.qrels.iter().map(|j| j.query.as_str()).collect();
        self.queries.iter().filter(move |q| judged.contains(q.id.as_str()))
    }
}

fn read_queries(path: &Path) -> Result<Vec<Query>, TrecError> {
    let mut queries = Vec::new();
    for item in documents::open(&[SourceSpec::Path(path.to_owned())], &SourceParams::default())? {
        if let Item::Document(d) = item? {
            queries.push(Query { id: d.id, text: d.text });
        }
    }
    Ok(queries)
}

/// A file under its name, or compressed.
fn any(path: &Path) -> Option<PathBuf> {
    let with = |end: &str| PathBuf::from(format!("{}{end}", path.display()));
    [path.to_owned(), with(".gz"), with(".zst")].into_iter().find(|p| p.is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn collection() -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        let put = |name: &str, text: &str| fs_err::write(dir.path().join(name), text).unwrap();
        fs_err::create_dir(dir.path().join("qrels")).unwrap();
        put(
            "corpus.jsonl",
            "{\"_id\":\"d1\",\"title\":\"t\",\"text\":\"x\"}\n{\"_id\":\"d2\",\"title\":\"t\",\"text\":\"\"}\n",
        );
        put("queries.jsonl", "{\"_id\":\"q1\",\"text\":\"one\"}\n{\"_id\":\"q2\",\"text\":\"two\"}\n");
        put("qrels/test.tsv", "query-id\tcorpus-id\tscore\nq2\td1\t1\n");
        dir
    }

    #[test]
    fn a_folder_is_a_collection() {
        let dir = collection();
        let c = open(dir.path(), "test").unwrap();
        assert_eq!((c.queries.len(), c.qrels.len()), (2, 1));
        assert_eq!(c.judged().map(|q| q.text.as_str()).collect::<Vec<_>>(), ["two"]);
        assert_eq!(c.documents(&SourceParams::default()).unwrap().count(), 2);
    }

    #[test]
    fn what_is_missing_is_named() {
        let dir = collection();
        let e = open(dir.path(), "dev").unwrap_err().to_string();
        assert!(e.ends_with("there is no split `dev`; there are: test"), "{e}");
        fs_err::remove_file(dir.path().join("queries.jsonl")).unwrap();
        assert!(open(dir.path(), "test").unwrap_err().to_string().contains("queries.jsonl"));
    }
}
