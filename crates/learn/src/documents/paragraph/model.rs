//! Documents' rows, and the inference of new ones.

use std::path::Path;
use std::sync::OnceLock;

use rayon::prelude::*;
use vectory_core::artifact::Artifact;
use vectory_core::vectors::normalize;
use vectory_core::{Cancelled, Context, Encode, EncodeError, Metric, Vectors, hash, rng};

use super::ParagraphParams;
use crate::embedding::{EmbeddingError, Header, wrong};
use crate::sampling::{Job, Objective, SharedRows};
use crate::vocabulary::{TokenStream, Tokenizer, Vocabulary};
use crate::word2vec::{Tables, TextJob, TrainError, Units, WordParams, objective};

/// The kind that the artifact's card names.
pub const KIND: &str = "paragraph-vectors";
const VERSION: u32 = 1;
/// Texts that a thread infers at a time.
const CHUNK: usize = 16;

/// Paragraph vectors: rows of the training documents, and what it takes to infer others.
pub struct ParagraphVectors {
    vocabulary: Vocabulary,
    tables: Tables,
    params: ParagraphParams,
    settings: WordParams,
    tokenizer: Tokenizer,
    seed: u64,
    provenance: serde_json::Value,
    fingerprint: OnceLock<String>,
    empty: TokenStream,
}

impl ParagraphVectors {
    pub(super) fn new(
        vocabulary: Vocabulary,
        tables: Tables,
        params: ParagraphParams,
        tokenizer: Tokenizer,
        seed: u64,
        provenance: serde_json::Value,
    ) -> Result<Self, TrainError> {
        let settings = params.settings();
        objective(&settings, &vocabulary)?;
        let (fingerprint, empty) = (OnceLock::new(), TokenStream::empty());
        Ok(Self { vocabulary, tables, params, settings, tokenizer, seed, provenance, fingerprint, empty })
    }

    /// The rows of the training documents, in their order.
    #[must_use]
    pub fn documents(&self) -> Vectors {
        self.tables.documents.as_ref().map_or_else(|| Vectors::zeros(0, self.settings.dim), SharedRows::to_vectors)
    }

    /// The vectors of words, learned along (PV-DM, or PV-DBOW with `words`).
    #[must_use]
    pub fn word_vectors(&self) -> Vectors {
        self.tables.input.rows.to_vectors()
    }

    /// Its words.
    #[must_use]
    pub fn vocabulary(&self) -> &Vocabulary {
        &self.vocabulary
    }

    fn job(&self, objective: Objective) -> TextJob<'_> {
        TextJob {
            stream: &self.empty,
            pieces: 1,
            keep: self.vocabulary.keep(self.settings.sample),
            tables: &self.tables,
            objective,
            params: &self.settings,
            documents: self.params.documents(),
            frozen: true,
            seed: self.seed,
        }
    }

    /// The rows of texts as inferred, not scaled; zero for a text without any known word.
    ///
    /// # Errors
    /// [`EncodeError`] when interrupted.
    pub fn infer(&self, texts: &[&str], ctx: &Context) -> Result<Vectors, EncodeError> {
        let objective = objective(&self.settings, &self.vocabulary).map_err(|e| EncodeError::Model(e.to_string()))?;
        let (job, dim) = (self.job(objective), self.settings.dim);
        let mut out = Vectors::zeros(texts.len(), dim);
        let work = |(rows, texts): (&mut [f32], &[&str])| {
            let mut worker = job.worker();
            for (row, text) in rows.chunks_exact_mut(dim).zip(texts) {
                ctx.check()?;
                let mut ids = Vec::new();
                self.tokenizer.words(text, &mut |w| ids.extend(self.vocabulary.id(w)));
                if ids.is_empty() {
                    continue;
                }
                let mut r = inference_rng(self.seed, &ids);
                let start = start(dim, &mut r);
                let inferred = job.infer(&mut worker, &ids, &start, self.params.infer_epochs, &mut r);
                row.copy_from_slice(&inferred[..dim]);
            }
            Ok::<(), Cancelled>(())
        };
        // As many parts as threads: each needs scratch of its own.
        let chunk = texts.len().div_ceil(ctx.threads()).max(CHUNK);
        let rows = out.as_mut_slice();
        ctx.pool().install(|| rows.par_chunks_mut(chunk * dim).zip(texts.par_chunks(chunk)).try_for_each(work))?;
        Ok(out)
    }

    /// Writes the artifact.
    ///
    /// # Errors
    /// [`EmbeddingError::Artifact`] when the file cannot be written; what was at `path` stays.
    pub fn save(&self, path: &Path) -> Result<(), EmbeddingError> {
        let rows: Vec<_> = self.tables.all().into_iter().map(|(name, rows)| (name, rows.to_vectors())).collect();
        let (vocabulary, params, provenance) = (&self.vocabulary, &self.params, self.provenance.clone());
        Header { vocabulary, params, tokenizer: self.tokenizer, seed: self.seed, provenance }.save(
            path,
            (KIND, VERSION),
            rows.iter().map(|(name, r)| (*name, r)),
            vec![],
        )
    }

    /// Reads an artifact.
    ///
    /// # Errors
    /// [`EmbeddingError`] when it is missing, damaged or of another kind; the message names the file.
    pub fn from_artifact(a: Artifact) -> Result<Self, EmbeddingError> {
        let a = a.expect_kind(KIND, VERSION)?;
        let Header { vocabulary, params, tokenizer, seed, provenance } = Header::<_, ParagraphParams>::read(&a)?;
        let (input, output, documents) = (a.rows("input")?, a.rows("output")?, a.rows("documents")?);
        let dim = params.training.dim;
        if [&input, &output, &documents].iter().any(|t| t.dim() != dim) || input.rows() != vocabulary.len() {
            return Err(wrong(&a, format!("rows of another shape than {} × {dim}", vocabulary.len())));
        }
        let tables = Tables {
            input: Units::new(SharedRows::from_vectors(&input), &vocabulary, None),
            output: SharedRows::from_vectors(&output),
            positions: None,
            documents: Some(SharedRows::from_vectors(&documents)),
        };
        Self::new(vocabulary, tables, params, tokenizer, seed, provenance).map_err(|e| wrong(&a, e))
    }
}

/// Draws depend on the words alone, so that a text has one vector.
pub(in crate::documents) fn inference_rng(seed: u64, ids: &[u32]) -> rng::Rng {
    rng::item(seed, "infer", hash::fnv1a(bytemuck::cast_slice(ids)))
}

/// Where a new row begins.
pub(in crate::documents) fn start(dim: usize, r: &mut rng::Rng) -> Vec<u64> {
    use rand::RngExt;
    let scale = 0.5 / dim as f32;
    let mut out = vec![0u64; dim.div_ceil(2)];
    bytemuck::cast_slice_mut::<u64, f32>(&mut out)
        .iter_mut()
        .take(dim)
        .for_each(|v| *v = r.random_range(-scale..scale));
    out
}

impl Encode for ParagraphVectors {
    fn name(&self) -> &str {
        KIND
    }

    fn dim(&self) -> usize {
        self.settings.dim
    }

    fn metric(&self) -> Metric {
        Metric::Cosine
    }

    fn fingerprint(&self) -> String {
        let make = || {
            let rows = self.tables.output.to_vectors();
            let parts =
                [hash::content(bytemuck::cast_slice(rows.as_slice())), format!("{:?} {}", self.params, self.seed)];
            format!("paragraph-{}", hash::content(parts.join(" ").as_bytes()))
        };
        self.fingerprint.get_or_init(make).clone()
    }

    /// Inferred rows of unit length.
    fn encode(&self, texts: &[&str], ctx: &Context) -> Result<Vectors, EncodeError> {
        let mut out = self.infer(texts, ctx)?;
        out.as_mut_slice().chunks_exact_mut(self.settings.dim).for_each(normalize);
        Ok(out)
    }
}
