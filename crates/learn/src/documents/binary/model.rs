//! Documents' codes, and the inference of new ones.

use std::path::Path;
use std::sync::OnceLock;

use rayon::prelude::*;
use vectory_core::artifact::Artifact;
use vectory_core::repr::BinaryRef;
use vectory_core::{Cancelled, Context, Encode, EncodeError, Metric, Vectors, hash};

use super::BinaryParams;
use super::job::{BinaryJob, BinaryTables};
use crate::documents::paragraph::{inference_rng, start};
use crate::embedding::{EmbeddingError, Header, wrong};
use crate::sampling::{Job, SharedRows, sigmoid};
use crate::vocabulary::{TokenStream, Tokenizer, Vocabulary};
use crate::word2vec::{TrainError, objective};

/// The kind that the artifact's card names.
pub const KIND: &str = "binary-paragraph-vectors";
const VERSION: u32 = 2;
/// Texts that a thread infers at a time.
const CHUNK: usize = 16;

/// Codes of bits, a row of 64-bit words an item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Codes {
    /// Bits of a code.
    pub bits: usize,
    /// All codes, one behind the other, bit 0 lowest.
    pub words: Vec<u64>,
}

impl Codes {
    fn of<'a>(bits: usize, soft: impl IntoIterator<Item = &'a [f32]>) -> Self {
        let mut words = Vec::new();
        for units in soft {
            let first = words.len();
            words.resize(first + bits.div_ceil(64), 0u64);
            units.iter().enumerate().filter(|u| *u.1 > 0.5).for_each(|(i, _)| words[first + i / 64] |= 1 << (i % 64));
        }
        Self { bits, words }
    }

    /// How many.
    #[must_use]
    pub fn len(&self) -> usize {
        self.words.len() / self.bits.div_ceil(64).max(1)
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// One of them; its `hamming` counts the bits that differ.
    #[must_use]
    pub fn get(&self, i: usize) -> BinaryRef<'_> {
        let n = self.bits.div_ceil(64);
        BinaryRef { words: &self.words[i * n..(i + 1) * n] }
    }
}

/// Binary paragraph vectors: rows of the training documents, and what it takes to infer others.
pub struct BinaryParagraphs {
    vocabulary: Vocabulary,
    tables: BinaryTables,
    params: BinaryParams,
    tokenizer: Tokenizer,
    seed: u64,
    provenance: serde_json::Value,
    fingerprint: OnceLock<String>,
    empty: TokenStream,
}

impl BinaryParagraphs {
    pub(super) fn new(
        vocabulary: Vocabulary,
        tables: BinaryTables,
        params: BinaryParams,
        tokenizer: Tokenizer,
        seed: u64,
        provenance: serde_json::Value,
    ) -> Result<Self, TrainError> {
        objective(&params.training, &vocabulary)?;
        let (fingerprint, empty) = (OnceLock::new(), TokenStream::empty());
        Ok(Self { vocabulary, tables, params, tokenizer, seed, provenance, fingerprint, empty })
    }

    /// The codes of the training documents, in their order.
    #[must_use]
    pub fn codes(&self) -> Codes {
        let rows = self.tables.documents.to_vectors();
        let soft: Vec<Vec<f32>> = rows.iter().map(|row| self.units(row)).collect();
        Codes::of(self.params.bits, soft.iter().map(Vec::as_slice))
    }

    /// The real vectors of the training documents; none where the code alone was learned.
    #[must_use]
    pub fn documents(&self) -> Option<Vectors> {
        (self.params.real > 0).then(|| self.tables.documents.to_vectors())
    }

    fn units(&self, row: &[f32]) -> Vec<f32> {
        match &self.tables.projection {
            None => row.iter().map(|a| sigmoid(*a)).collect(),
            Some(p) => p.to_vectors().iter().map(|bit| sigmoid(vectory_core::simd::dot(bit, row))).collect(),
        }
    }

    /// Codes of texts, and their real vectors (the units' inputs where there are none); a text without any known word has a code of zeros
    /// and a zero vector.
    ///
    /// # Errors
    /// [`EncodeError`] when interrupted.
    pub fn infer(&self, texts: &[&str], ctx: &Context) -> Result<(Codes, Vectors), EncodeError> {
        let objective =
            objective(&self.params.training, &self.vocabulary).map_err(|e| EncodeError::Model(e.to_string()))?;
        let job = BinaryJob {
            stream: &self.empty,
            keep: self.vocabulary.keep(self.params.training.sample),
            tables: &self.tables,
            objective,
            params: &self.params,
            frozen: true,
            seed: self.seed,
        };
        let work = |texts: &[&str]| {
            let (mut worker, mut out) = (job.worker(), Vec::new());
            for text in texts {
                ctx.check()?;
                let mut ids = Vec::new();
                self.tokenizer.words(text, &mut |w| ids.extend(self.vocabulary.id(w)));
                let mut r = inference_rng(self.seed, &ids);
                let start = start(self.params.row(), &mut r);
                out.push(match ids.is_empty() {
                    true => (vec![0.0; self.params.row()], vec![0.0; self.params.bits]),
                    false => job.infer(&mut worker, &ids, &start, &mut r),
                });
            }
            Ok::<_, Cancelled>(out)
        };
        let chunk = texts.len().div_ceil(ctx.threads()).max(CHUNK);
        let parts: Vec<_> = ctx.pool().install(|| texts.par_chunks(chunk).map(work).collect::<Result<_, _>>())?;
        let mut rows = Vectors::zeros(texts.len(), self.params.row());
        let all: Vec<(Vec<f32>, Vec<f32>)> = parts.into_iter().flatten().collect();
        all.iter().enumerate().for_each(|(i, (row, _))| rows.row_mut(i).copy_from_slice(row));
        Ok((Codes::of(self.params.bits, all.iter().map(|a| a.1.as_slice())), rows))
    }

    /// Writes the artifact.
    ///
    /// # Errors
    /// [`EmbeddingError::Artifact`] when the file cannot be written; what was at `path` stays.
    pub fn save(&self, path: &Path) -> Result<(), EmbeddingError> {
        let rows: Vec<_> = self.tables.named().map(|(name, rows)| (name, rows.to_vectors())).collect();
        self.header().save(path, (KIND, VERSION), rows.iter().map(|(name, r)| (*name, r)), vec![])
    }

    fn header(&self) -> Header<&Vocabulary, &BinaryParams> {
        let (vocabulary, params, provenance) = (&self.vocabulary, &self.params, self.provenance.clone());
        Header { vocabulary, params, tokenizer: self.tokenizer, seed: self.seed, provenance }
    }

    /// Reads an artifact.
    ///
    /// # Errors
    /// [`EmbeddingError`] when it is missing, damaged or of another kind; the message names the file.
    pub fn from_artifact(a: Artifact) -> Result<Self, EmbeddingError> {
        let a = a.expect_kind(KIND, VERSION)?;
        let Header { vocabulary, params, tokenizer, seed, provenance } = Header::<_, BinaryParams>::read(&a)?;
        params.check().map_err(|e| wrong(&a, e))?;
        let table = |name: &str, rows: Option<usize>, dim: usize| {
            let found = a.rows(name)?;
            let fits = found.dim() == dim && rows.is_none_or(|r| found.rows() == r) && found.rows() > 0;
            if fits {
                Ok(SharedRows::from_vectors(&found))
            } else {
                Err(wrong(&a, format!("`{name}` is of another shape")))
            }
        };
        let objective = objective(&params.training, &vocabulary).map_err(|e| wrong(&a, e))?;
        let dm = params.mode == crate::documents::paragraph::Mode::Dm;
        let tables = BinaryTables {
            documents: table("documents", None, params.row())?,
            projection: if params.real > 0 { Some(table("projection", Some(params.bits), params.real)?) } else { None },
            words: if dm { Some(table("contexts", Some(vocabulary.len()), params.bits)?) } else { None },
            output: table("output", Some(objective.rows(vocabulary.len())), params.bits)?,
        };
        Self::new(vocabulary, tables, params, tokenizer, seed, provenance).map_err(|e| wrong(&a, e))
    }
}

impl Encode for BinaryParagraphs {
    fn name(&self) -> &str {
        KIND
    }

    fn dim(&self) -> usize {
        self.params.bits
    }

    fn metric(&self) -> Metric {
        Metric::Cosine
    }

    fn fingerprint(&self) -> String {
        let make = || {
            let rows = self.tables.output.to_vectors();
            let parts =
                [hash::content(bytemuck::cast_slice(rows.as_slice())), format!("{:?} {}", self.params, self.seed)];
            format!("binary-paragraph-{}", hash::content(parts.join(" ").as_bytes()))
        };
        self.fingerprint.get_or_init(make).clone()
    }

    /// The inferred bits as ±1, scaled to unit length: their cosine is 1 − 2 · (bits that differ) / bits.
    fn encode(&self, texts: &[&str], ctx: &Context) -> Result<Vectors, EncodeError> {
        let (codes, found) = self.infer(texts, ctx)?;
        let (bits, mut out) = (self.params.bits, Vectors::zeros(texts.len(), self.params.bits));
        let unit = 1.0 / (bits as f32).sqrt();
        for i in 0..texts.len() {
            if found.row(i).iter().any(|v| *v != 0.0) {
                let BinaryRef { words } = codes.get(i);
                let bit = |j: usize| if words[j / 64] >> (j % 64) & 1 == 1 { unit } else { -unit };
                out.row_mut(i).iter_mut().enumerate().for_each(|(j, v)| *v = bit(j));
            }
        }
        Ok(out)
    }
}
