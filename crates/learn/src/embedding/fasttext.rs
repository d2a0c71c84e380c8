//! From and to models of the fastText program.

use std::path::Path;

use vectory_io::fasttext::{self, Architecture, Args, Entry, FastText, MatrixRef, Parts};
use vectory_text::subwords::Subwords;

use super::{Embedding, EmbeddingError, EmbeddingParams, Pooling, Table};
use crate::vocabulary::{TokenKind, Tokenizer, Vocabulary};

impl Embedding {
    pub(super) fn open_fasttext(path: &Path) -> Result<Self, EmbeddingError> {
        let model = FastText::open(path)?;
        let a = model.args;
        let subwords = (a.max_n > 0).then_some(Subwords {
            min_n: a.min_n as usize,
            max_n: a.max_n as usize,
            buckets: a.buckets as usize,
        });
        let name = path.file_stem().map_or_else(|| "fasttext".into(), |n| n.to_string_lossy().into_owned());
        let params = EmbeddingParams {
            name,
            // The program reads what stands between blanks, in the case that it has.
            tokenizer: Tokenizer { tokens: TokenKind::Space, lower: false },
            subwords,
            word_ngrams: 1,
            word_buckets: 0,
            pooling: if a.model == Architecture::Supervised { Pooling::Mean } else { Pooling::Unit },
        };
        let vocabulary = Vocabulary::new(model.words.iter().map(|e| (e.text.as_str(), e.count)));
        let provenance = serde_json::json!({ "file": path, "program": "fastText" });
        let mut out = Self::from_parts(vocabulary, Table::FastText(model.input), params, provenance);
        out.kept = model.kept_buckets;
        Ok(out)
    }

    /// Writes a `.bin` model that the fastText program and gensim load: vectors of known and unknown words are the same. The output
    /// matrix, which only further training needs, is zero.
    ///
    /// # Errors
    /// [`EmbeddingError`] when the model has rows of word n-grams, a word holds a blank, or the file cannot be written.
    pub fn write_fasttext(&self, path: &Path) -> Result<(), EmbeddingError> {
        if self.params.word_buckets > 0 || self.kept.is_some() {
            let why = "rows of word n-grams, or pruned buckets, have no place in a fastText model of words".to_owned();
            return Err(EmbeddingError::Format { path: path.to_owned(), why });
        }
        let grams = self.params.subwords;
        let args = Args {
            dim: self.dim() as u32,
            min_n: grams.map_or(0, |s| s.min_n as u32),
            max_n: grams.map_or(0, |s| s.max_n as u32),
            buckets: grams.map_or(0, |s| s.buckets as u32),
            min_count: 1,
            ..Args::default()
        };
        let entries = self.vocabulary.words().zip(self.vocabulary.counts());
        let words: Vec<Entry> = entries.map(|(w, c)| Entry { text: w.to_owned(), count: (*c).max(1) }).collect();
        let input = match &self.rows {
            Table::Rows(v) => MatrixRef::Rows(v.view()),
            Table::FastText(m) => MatrixRef::File(m),
        };
        fasttext::write(
            path,
            &Parts { args, words: &words, labels: &[], tokens: self.vocabulary.total(), input, output: None },
        )?;
        Ok(())
    }
}
