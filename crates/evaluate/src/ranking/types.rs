//! Judgements and runs.

use std::collections::{BTreeMap, HashMap};

use thiserror::Error;

/// Why a run could not be scored.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum RankingError {
    /// A document is retrieved twice for one query.
    #[error("query `{query}` retrieves document `{document}` twice; a run names a document once a query")]
    Retrieved {
        /// The query.
        query: String,
        /// The document.
        document: String,
    },
    /// A document is judged twice for one query, with different grades.
    #[error("query `{query}` judges document `{document}` {first} and {second}; a document has one grade a query")]
    Judged {
        /// The query.
        query: String,
        /// The document.
        document: String,
        /// The grade that was there.
        first: i32,
        /// The other grade.
        second: i32,
    },
    /// Not one query can be scored.
    #[error(
        "nothing to score: {judged} judged queries ({without} of them without a relevant document), {answered} answered, \
         {shared} in common; do the query ids of run and judgements agree?"
    )]
    Nothing {
        /// Queries in the judgements.
        judged: usize,
        /// Of these, how many have no relevant document.
        without: usize,
        /// Queries in the run.
        answered: usize,
        /// Queries in both.
        shared: usize,
    },
    /// Two runs were scored over different queries or measures.
    #[error("the two scorings cover different queries or measures; score both with the same judgements and settings")]
    Unpaired,
}

/// Judgements: query → document → grade (0: not relevant; 1 and more: relevant, the more the better).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Qrels {
    queries: BTreeMap<String, HashMap<String, i32>>,
}

impl Qrels {
    /// Judgements from rows of query, document, grade.
    ///
    /// # Errors
    /// [`RankingError::Judged`] when a document gets two different grades for one query.
    pub fn from_rows<Q: Into<String>, D: Into<String>>(
        rows: impl IntoIterator<Item = (Q, D, i32)>,
    ) -> Result<Self, RankingError> {
        let mut out = Self::default();
        for (query, document, grade) in rows {
            out.insert(query.into(), document.into(), grade)?;
        }
        Ok(out)
    }

    /// Adds one judgement.
    ///
    /// # Errors
    /// [`RankingError::Judged`] when the document has another grade already.
    pub fn insert(&mut self, query: String, document: String, grade: i32) -> Result<(), RankingError> {
        match self.grade(&query, &document) {
            Some(first) if first != grade => {
                return Err(RankingError::Judged { query, document, first, second: grade });
            }
            _ => self.queries.entry(query).or_default().insert(document, grade),
        };
        Ok(())
    }

    /// The grade of a document for a query, if it was judged.
    #[must_use]
    pub fn grade(&self, query: &str, document: &str) -> Option<i32> {
        self.queries.get(query)?.get(document).copied()
    }

    /// Every query with its judged documents, by query id.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &HashMap<String, i32>)> {
        self.queries.iter().map(|(q, docs)| (q.as_str(), docs))
    }

    /// The judged documents of a query.
    #[must_use]
    pub fn documents(&self, query: &str) -> Option<&HashMap<String, i32>> {
        self.queries.get(query)
    }

    /// How many queries.
    #[must_use]
    pub fn len(&self) -> usize {
        self.queries.len()
    }

    /// Whether nothing is judged.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.queries.is_empty()
    }
}

/// A run: query → retrieved documents with their scores (larger is nearer), in any order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Run {
    queries: BTreeMap<String, Vec<(String, f32)>>,
}

impl Run {
    /// A run from rows of query, document, score.
    ///
    /// # Errors
    /// [`RankingError::Retrieved`] when a query retrieves a document twice.
    pub fn from_rows<Q: Into<String>, D: Into<String>>(
        rows: impl IntoIterator<Item = (Q, D, f32)>,
    ) -> Result<Self, RankingError> {
        let mut grouped: BTreeMap<String, Vec<(String, f32)>> = BTreeMap::new();
        for (query, document, score) in rows {
            grouped.entry(query.into()).or_default().push((document.into(), score));
        }
        let mut out = Self::default();
        for (query, documents) in grouped {
            out.insert(query, documents)?;
        }
        Ok(out)
    }

    /// Sets the retrieved documents of one query; they are brought into trec_eval's order.
    ///
    /// # Errors
    /// [`RankingError::Retrieved`] when a document comes twice.
    pub fn insert(&mut self, query: String, mut documents: Vec<(String, f32)>) -> Result<(), RankingError> {
        documents.sort_by(|a, b| b.0.cmp(&a.0));
        if let Some(pair) = documents.windows(2).find(|w| w[0].0 == w[1].0) {
            return Err(RankingError::Retrieved { query, document: pair[0].0.clone() });
        }
        // Stable, so that equal scores keep the descending ids; NaN goes last.
        documents.sort_by(|a, b| key(b.1).total_cmp(&key(a.1)));
        self.queries.insert(query, documents);
        Ok(())
    }

    /// The same run without documents that carry the id of their query (ArguAna, Quora: the query is in the corpus).
    #[must_use]
    pub fn without_self(mut self) -> Self {
        for (query, documents) in &mut self.queries {
            documents.retain(|(d, _)| d != query);
        }
        self
    }

    /// The documents of a query, best first.
    #[must_use]
    pub fn ranking(&self, query: &str) -> Option<&[(String, f32)]> {
        self.queries.get(query).map(Vec::as_slice)
    }

    /// Every query with its documents, best first, by query id.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &[(String, f32)])> {
        self.queries.iter().map(|(q, docs)| (q.as_str(), docs.as_slice()))
    }

    /// How many queries.
    #[must_use]
    pub fn len(&self) -> usize {
        self.queries.len()
    }

    /// Whether no query is answered.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.queries.is_empty()
    }
}

/// NaN counts as worse than anything; -0 and 0 tie.
fn key(score: f32) -> f32 {
    if score.is_nan() { f32::NEG_INFINITY } else { score + 0.0 }
}
