//! From text to token ids with the special tokens around them, cut to what the model reads.

use std::path::Path;

use vectory_text::WordPiece;

use super::LoadError;

/// The tokenizer of a folder: our own for BERT's word pieces, the `tokenizers` library for every other kind.
pub(super) struct Tokens {
    kind: Kind,
    limit: usize,
}

enum Kind {
    WordPiece { words: Box<WordPiece>, first: u32, last: u32 },
    Library(Box<tokenizers::Tokenizer>),
}

impl Tokens {
    pub(super) fn read(folder: &Path, limit: usize) -> Result<Self, LoadError> {
        let path = folder.join("tokenizer.json");
        if let Ok(words) = WordPiece::from_tokenizer_json(&path)
            && let (Some(first), Some(last)) = (words.id("[CLS]"), words.id("[SEP]"))
        {
            return Ok(Self { kind: Kind::WordPiece { words: Box::new(words), first, last }, limit });
        }
        let bytes = fs_err::read(&path)?;
        let bad = |e: tokenizers::Error| LoadError::Json { path: path.clone(), why: e.to_string() };
        let mut inner = tokenizers::Tokenizer::from_bytes(bytes).map_err(bad)?;
        inner.with_padding(None);
        inner.with_truncation(None).map_err(bad)?;
        Ok(Self { kind: Kind::Library(Box::new(inner)), limit })
    }

    /// Ids of a text; of a text that is too long, the first ones and the closing token.
    pub(super) fn ids(&self, text: &str) -> Result<Vec<u32>, String> {
        let mut ids = match &self.kind {
            Kind::WordPiece { words, first, last } => {
                let mut ids = vec![*first];
                words.encode_into(text, &mut ids);
                ids.push(*last);
                ids
            }
            Kind::Library(inner) => inner.encode_fast(text, true).map_err(|e| e.to_string())?.get_ids().to_vec(),
        };
        if ids.len() > self.limit {
            let last = ids[ids.len() - 1];
            ids.truncate(self.limit);
            ids[self.limit - 1] = last;
        }
        Ok(ids)
    }
}
