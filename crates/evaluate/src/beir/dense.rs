//! Any encoder, by exact search over the vectors of all documents.

use vectory_core::{Context, Encode, Metric, Vectors, neighbors};

use super::{BeirError, Collection, Document, Retriever};

/// Texts encoded at once.
const BATCH: usize = 512;

/// The vectors of a collection.
pub struct DenseIndex<'e> {
    encoder: &'e dyn Encode,
    rows: Vectors,
}

impl<'e> DenseIndex<'e> {
    /// Encodes title and text of every document.
    ///
    /// # Errors
    /// [`BeirError`] when the encoder fails, or an interrupt.
    pub fn build(collection: &Collection, encoder: &'e dyn Encode, ctx: &Context) -> Result<Self, BeirError> {
        let texts: Vec<String> = collection.documents.iter().map(Document::joined).collect();
        Ok(Self { encoder, rows: encode_all(&texts, encoder, ctx)? })
    }

    /// One row a document.
    #[must_use]
    pub fn rows(&self) -> &Vectors {
        &self.rows
    }

    /// How the rows are compared.
    #[must_use]
    pub fn metric(&self) -> Metric {
        self.encoder.metric()
    }
}

impl Retriever for DenseIndex<'_> {
    fn retrieve(&self, queries: &[&str], k: usize, ctx: &Context) -> Result<Vec<Vec<(u32, f32)>>, BeirError> {
        let queries = self.encoder.encode_queries(queries, ctx)?;
        let hits = neighbors::exact(self.rows.view(), queries.view(), self.metric(), k, ctx)?;
        Ok(hits.into_iter().map(|list| list.iter().map(|h| (h.id, h.score)).collect()).collect())
    }
}

/// Encodes texts in batches, with progress.
pub(crate) fn encode_all(texts: &[String], encoder: &dyn Encode, ctx: &Context) -> Result<Vectors, BeirError> {
    let mut out = Vectors::zeros(texts.len(), encoder.dim());
    ctx.progress().begin("encoding", Some(texts.len() as u64), "texts");
    for (b, batch) in texts.chunks(BATCH).enumerate() {
        ctx.check()?;
        let borrowed: Vec<&str> = batch.iter().map(String::as_str).collect();
        let rows = encoder.encode(&borrowed, ctx)?;
        let start = b * BATCH * encoder.dim();
        out.as_mut_slice()[start..start + rows.as_slice().len()].copy_from_slice(rows.as_slice());
        ctx.progress().advance(batch.len() as u64);
    }
    ctx.progress().end();
    Ok(out)
}
