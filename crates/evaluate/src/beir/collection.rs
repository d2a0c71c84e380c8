//! A judged collection in memory.

use std::collections::HashMap;
use std::path::Path;

use vectory_io::documents::{Item, SourceParams};
use vectory_io::trec::beir;

use super::BeirError;
use crate::ranking::Qrels;

/// A document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// Its id, as the judgements name it.
    pub id: String,
    /// Its title; may be empty.
    pub title: String,
    /// Its text.
    pub text: String,
}

impl Document {
    /// Title and text as one, for retrievers with one field.
    #[must_use]
    pub fn joined(&self) -> String {
        if self.title.is_empty() { self.text.clone() } else { format!("{} {}", self.title, self.text) }
    }
}

/// Documents, queries and judgements.
#[derive(Clone, Debug, Default)]
pub struct Collection {
    /// All documents.
    pub documents: Vec<Document>,
    /// The judged queries: id and text.
    pub queries: Vec<(String, String)>,
    /// The judgements.
    pub qrels: Qrels,
}

impl Collection {
    /// Reads a folder in the BEIR form (`corpus.jsonl`, `queries.jsonl`, `qrels/SPLIT.tsv`; compressed or not) and keeps the
    /// queries that are judged in `split`.
    ///
    /// # Errors
    /// [`BeirError::Read`] naming file and line; [`BeirError::Ranking`] for contradicting judgements.
    pub fn open(dir: &Path, split: &str) -> Result<Self, BeirError> {
        let read = |e: &dyn std::fmt::Display| BeirError::Read(e.to_string());
        let source = beir::open(dir, split).map_err(|e| read(&e))?;
        let mut documents = Vec::new();
        for item in source.documents(&SourceParams::default()).map_err(|e| read(&e))? {
            match item.map_err(|e| read(&e))? {
                Item::Document(d) => documents.push(Document { id: d.id, title: d.title, text: d.text }),
                // An empty record cannot be found by anybody; what is broken stops the reader before.
                Item::Skipped(_) | Item::Unchanged { .. } => {}
            }
        }
        let queries = source.judged().map(|q| (q.id.clone(), q.text.clone())).collect();
        Ok(Self { documents, queries, qrels: Qrels::from_judgements(source.qrels)? })
    }

    /// For each query, the numbers of its relevant documents; queries without one are left out of both.
    #[must_use]
    pub fn answerable(&self) -> (Vec<&str>, Vec<Vec<usize>>) {
        let number: HashMap<&str, usize> = self.documents.iter().enumerate().map(|(i, d)| (d.id.as_str(), i)).collect();
        let relevant = |id: &str| -> Vec<usize> {
            let judged = self.qrels.documents(id).into_iter().flatten();
            let mut found: Vec<usize> =
                judged.filter(|(_, g)| **g > 0).filter_map(|(d, _)| number.get(d.as_str()).copied()).collect();
            found.sort_unstable();
            found
        };
        self.queries.iter().map(|(id, text)| (text.as_str(), relevant(id))).filter(|(_, r)| !r.is_empty()).unzip()
    }
}
