//! BM25 with Lucene's analysis and defaults.

use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use vectory_core::Context;
use vectory_index::inverted::{Bm25Params, InvertedBuilder, InvertedIndex};
use vectory_text::{Analyzer, AnalyzerParams, Language};

use super::{BeirError, Collection, Document, Retriever};

/// Where title and text go.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Fields {
    /// Into one field.
    #[default]
    Flat,
    /// Into a field each; the scores are added.
    Multifield,
}

/// How to rank by words.
#[derive(Clone, Debug)]
pub struct Bm25 {
    /// k1, b and the form of BM25.
    pub params: Bm25Params,
    /// One field or two.
    pub fields: Fields,
    /// Stems and stop words.
    pub analyzer: AnalyzerParams,
}

impl Default for Bm25 {
    fn default() -> Self {
        Self {
            params: Bm25Params { k1: 0.9, b: 0.4, ..Bm25Params::default() },
            fields: Fields::Flat,
            analyzer: AnalyzerParams { language: Language::English, ..AnalyzerParams::default() },
        }
    }
}

/// The words of a collection.
pub struct Bm25Index {
    analyzer: Analyzer,
    fields: Vec<InvertedIndex>,
    documents: usize,
}

impl Bm25Index {
    /// Indexes a collection. One thread; O(words).
    ///
    /// # Errors
    /// [`BeirError`] for parameters out of range, or an interrupt.
    pub fn build(collection: &Collection, how: &Bm25, ctx: &Context) -> Result<Self, BeirError> {
        let analyzer = Analyzer::new(how.analyzer.clone());
        let parts: &[fn(&Document) -> String] = match how.fields {
            Fields::Flat => &[Document::joined],
            Fields::Multifield => &[|d| d.title.clone(), |d| d.text.clone()],
        };
        let field = |text: &fn(&Document) -> String| -> Result<InvertedIndex, BeirError> {
            let mut builder = InvertedBuilder::new(how.params);
            for (i, document) in collection.documents.iter().enumerate() {
                if i % 1024 == 0 {
                    ctx.check()?;
                }
                builder.add_with(i as u32, |push| analyzer.terms(&text(document), &mut |term| push(term)))?;
            }
            Ok(builder.finish()?)
        };
        let fields = parts.iter().map(field).collect::<Result<Vec<_>, _>>()?;
        Ok(Self { analyzer, fields, documents: collection.documents.len() })
    }

    /// A query's terms, one weight an occurrence.
    #[must_use]
    pub fn terms(&self, query: &str) -> Vec<(String, f32)> {
        let mut out = Vec::new();
        self.analyzer.terms(query, &mut |term| out.push((term.to_owned(), 1.0)));
        out
    }

    /// The score of every document for a query; `NEG_INFINITY` where no word is shared.
    #[must_use]
    pub fn scores(&self, query: &str) -> Vec<f32> {
        let terms = self.terms(query);
        let mut out = vec![f32::NEG_INFINITY; self.documents];
        for hit in self.fields.iter().flat_map(|f| f.search(&terms, self.documents, None)) {
            let score = &mut out[hit.id as usize];
            *score = score.max(0.0) + hit.score;
        }
        out
    }

    fn best(&self, query: &str, k: usize) -> Vec<(u32, f32)> {
        if let [field] = self.fields.as_slice() {
            return field.search(&self.terms(query), k, None).iter().map(|h| (h.id, h.score)).collect();
        }
        let scores = self.scores(query).into_iter().enumerate();
        let mut found: Vec<(u32, f32)> =
            scores.filter(|s| s.1 > f32::NEG_INFINITY).map(|(d, s)| (d as u32, s)).collect();
        found.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        found.truncate(k);
        found
    }
}

impl Retriever for Bm25Index {
    fn retrieve(&self, queries: &[&str], k: usize, ctx: &Context) -> Result<Vec<Vec<(u32, f32)>>, BeirError> {
        ctx.check()?;
        Ok(ctx.pool().install(|| queries.par_iter().map(|q| self.best(q, k)).collect()))
    }
}
