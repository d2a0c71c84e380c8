//! Texts in, unit rows out.

use rayon::prelude::*;
use vectory_core::{Context, Encode, EncodeError, Metric, Vectors, vectors};

use super::StaticEncoder;

/// Texts that one task of the pool encodes.
const CHUNK: usize = 64;

impl StaticEncoder {
    /// Encodes one text into `out` (`dim` values); `ids` is working memory.
    pub fn encode_one(&self, text: &str, ids: &mut Vec<u32>, out: &mut [f32]) {
        ids.clear();
        out.fill(0.0);
        self.words.encode_into(text, ids);
        for id in ids.iter().filter(|id| **id != self.unknown) {
            self.rows.add(*id as usize, out);
        }
        vectors::normalize(out);
    }
}

impl Encode for StaticEncoder {
    fn name(&self) -> &str {
        &self.params.name
    }

    fn dim(&self) -> usize {
        self.rows.dim()
    }

    fn metric(&self) -> Metric {
        Metric::Cosine
    }

    fn fingerprint(&self) -> String {
        self.print().to_owned()
    }

    fn encode(&self, texts: &[&str], ctx: &Context) -> Result<Vectors, EncodeError> {
        let dim = self.dim();
        let mut out = Vectors::zeros(texts.len(), dim);
        let rows = out.as_mut_slice();
        let work = |(rows, texts): (&mut [f32], &[&str])| -> Result<(), EncodeError> {
            ctx.check()?;
            let mut ids = Vec::new();
            for (row, text) in rows.chunks_exact_mut(dim).zip(texts) {
                self.encode_one(text, &mut ids, row);
            }
            Ok(())
        };
        // A single query must not wait for the pool.
        if texts.len() <= CHUNK || ctx.threads() == 1 {
            work((rows, texts))?;
        } else {
            ctx.pool().install(|| rows.par_chunks_mut(CHUNK * dim).zip(texts.par_chunks(CHUNK)).try_for_each(work))?;
        }
        Ok(out)
    }
}

#[cfg(test)]
mod tests {
    use super::super::StaticParams;
    use super::*;

    fn tiny() -> StaticEncoder {
        let tokens = ["[UNK]", "cat", "dog", "##s", "car"].map(str::to_owned).to_vec();
        let rows = [9.0, 9.0, 1.0, 0.0, 0.8, 0.6, 0.0, 0.1, -1.0, 0.2];
        StaticEncoder::from_rows(tokens, &Vectors::from_slice(&rows, 2).unwrap(), StaticParams::default()).unwrap()
    }

    #[test]
    fn texts_are_sums_of_known_tokens() {
        let e = tiny();
        let ctx = Context::new(0, 2).unwrap();
        let v = e.encode(&["cat", "cats dog", "zebra", ""], &ctx).unwrap();
        assert!((v.row(0)[0] - 1.0).abs() < 1e-6);
        let n = (1.8f32 * 1.8 + 0.7 * 0.7).sqrt();
        assert!((v.row(1)[0] - 1.8 / n).abs() < 0.01 && (v.row(1)[1] - 0.7 / n).abs() < 0.01, "{:?}", v.row(1));
        assert_eq!(v.row(2), [0.0, 0.0], "an unknown word has no row");
        assert_eq!(v.row(3), [0.0, 0.0]);
    }

    #[test]
    fn any_number_of_threads_gives_the_same_rows() {
        let e = tiny();
        let texts: Vec<String> = (0..500).map(|i| ["cat", "dogs", "car cat"][i % 3].repeat(1 + i % 7)).collect();
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        let one = e.encode(&texts, &Context::new(0, 1).unwrap()).unwrap();
        let two = e.encode(&texts, &Context::new(0, 2).unwrap()).unwrap();
        assert_eq!(one.as_slice(), two.as_slice());
    }

    #[test]
    fn saved_is_loaded_and_foreign_files_are_refused() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("m.safetensors");
        let e = tiny();
        e.save(&path, serde_json::json!({"recipe": "test"})).unwrap();
        let back = StaticEncoder::load(&path).unwrap();
        assert_eq!(back.fingerprint(), e.fingerprint());
        assert_eq!(back.tokens(), e.tokens());
        fs_err::write(&path, b"not a model").unwrap();
        let err = StaticEncoder::load(&path).unwrap_err().to_string();
        assert!(err.contains("m.safetensors"), "{err}");
    }

    #[test]
    fn parts_must_fit() {
        let rows = Vectors::from_slice(&[1.0, f32::NAN], 1).unwrap();
        let tokens = vec!["[UNK]".to_owned(), "a".to_owned()];
        assert!(StaticEncoder::from_rows(tokens.clone(), &rows, StaticParams::default()).is_err());
        let rows = Vectors::from_slice(&[1.0], 1).unwrap();
        assert!(StaticEncoder::from_rows(tokens, &rows, StaticParams::default()).is_err());
    }
}
