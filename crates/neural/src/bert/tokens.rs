//! From text to token ids with the special tokens around them, cut to what the model reads.

use std::path::Path;

use super::LoadError;

/// A tokenizer read from `tokenizer.json`.
pub(super) struct Tokens {
    inner: tokenizers::Tokenizer,
    limit: usize,
}

impl Tokens {
    pub(super) fn read(folder: &Path, limit: usize) -> Result<Self, LoadError> {
        let path = folder.join("tokenizer.json");
        let bytes = fs_err::read(&path)?;
        let bad = |e: tokenizers::Error| LoadError::Json { path: path.clone(), why: e.to_string() };
        let mut inner = tokenizers::Tokenizer::from_bytes(bytes).map_err(bad)?;
        inner.with_padding(None);
        inner.with_truncation(None).map_err(bad)?;
        Ok(Self { inner, limit })
    }

    /// Ids of a text; of a text that is too long, the first ones and the closing token.
    pub(super) fn ids(&self, text: &str) -> Result<Vec<u32>, String> {
        let encoding = self.inner.encode_fast(text, true).map_err(|e| e.to_string())?;
        let mut ids = encoding.get_ids().to_vec();
        if ids.len() > self.limit {
            let last = ids[ids.len() - 1];
            ids.truncate(self.limit);
            ids[self.limit - 1] = last;
        }
        Ok(ids)
    }
}
