//! An encoder whose vectors pass through a fitted chain: texts and questions alike.

use std::sync::Arc;

use vectory_core::{Context, Encode, EncodeError, Metric, Vectors, hash};

use crate::{Chain, TransformError};

/// An encoder and the chain behind it, as one encoder.
pub struct Transformed {
    encoder: Arc<dyn Encode>,
    chain: Chain,
    name: String,
    fingerprint: String,
}

impl Transformed {
    /// Joins them.
    ///
    /// # Errors
    /// [`TransformError::Dim`] for a chain that was fitted on rows of another dimension.
    pub fn new(encoder: Arc<dyn Encode>, chain: Chain) -> Result<Self, TransformError> {
        if encoder.dim() != chain.dim_in() {
            return Err(TransformError::Dim { found: encoder.dim(), expected: chain.dim_in() });
        }
        let name = format!("{} | {}", encoder.name(), chain.text());
        let fingerprint = format!("{}|{}", encoder.fingerprint(), mark(&chain));
        Ok(Self { encoder, chain, name, fingerprint })
    }

    fn through(&self, rows: &Vectors, ctx: &Context) -> Result<Vectors, EncodeError> {
        let mut out = self.chain.apply(rows.view(), ctx).map_err(|e| match e {
            TransformError::Cancelled(c) => EncodeError::Cancelled(c),
            TransformError::NonFinite { row, .. } => EncodeError::NonFinite { index: row },
            other => EncodeError::Model(other.to_string()),
        })?;
        // A text of no known word has no place in a space, and a shift would give it one.
        for i in (0..rows.rows()).filter(|i| rows.row(*i).iter().all(|v| *v == 0.0)) {
            out.row_mut(i).fill(0.0);
        }
        if self.metric() == Metric::Cosine {
            out.normalize();
        }
        Ok(out)
    }
}

/// Tells fitted chains apart: by their text and all that was fitted.
fn mark(chain: &Chain) -> String {
    let mut bytes = chain.text().as_bytes().to_vec();
    for (name, tensor) in chain.steps().iter().flat_map(|s| s.parts().tensors) {
        bytes.extend(name.as_bytes());
        bytes.extend(tensor.as_slice().iter().flat_map(|v| v.to_le_bytes()));
    }
    hash::content(&bytes)
}

impl Encode for Transformed {
    fn name(&self) -> &str {
        &self.name
    }

    fn dim(&self) -> usize {
        self.chain.dim_out()
    }

    fn metric(&self) -> Metric {
        self.encoder.metric()
    }

    fn fingerprint(&self) -> String {
        self.fingerprint.clone()
    }

    fn encode(&self, texts: &[&str], ctx: &Context) -> Result<Vectors, EncodeError> {
        self.through(&self.encoder.encode(texts, ctx)?, ctx)
    }

    fn encode_queries(&self, texts: &[&str], ctx: &Context) -> Result<Vectors, EncodeError> {
        self.through(&self.encoder.encode_queries(texts, ctx)?, ctx)
    }

    fn max_tokens(&self) -> Option<usize> {
        self.encoder.max_tokens()
    }
}
