//! Claim 086: what the field learned, in the order in which it learned it.

use vectory_core::registry::{Claim, ClaimContext, ClaimError, Method, Outcome};
use vectory_core::sparse::CsrRef;
use vectory_core::{Context, Encode, EncodeError, Metric, Vectors, simd, stats};
use vectory_io::vectors;
use vectory_learn::embedding::{Embedding, EmbeddingParams, Pooling};
use vectory_learn::vocabulary::{Tokenizer, Vocabulary};
use vectory_learn::words::ppmi::{PpmiParams, ppmi_svd};

use super::{Sets, WIKI, corpus, counted, space, unmet};
use crate::sts::sts;
use crate::words::Pairs;

pub(crate) const SURVEY: Method = Method {
    id: "086",
    name: "Word vectors to multimodal embeddings (survey)",
    home: "core",
    kind: "survey",
    command: "vectory methods",
    claim: Some(Claim {
        statement: "On STS-B: cosine of tf-idf < mean GloVe < SIF < sentence encoder; on WordSim-353 the SVD of PPMI beats raw counts",
        threshold: "Spearman rises at each step; PPMI-SVD above raw co-occurrence rows",
        data: "sentences/sts/STSBenchmark/sts-test.csv; words/vectors/glove-wink-100d-top10k.txt.zst; words/corpus/wiki-en.txt.zst",
        run,
    }),
};

fn run(c: &ClaimContext) -> Result<Outcome, ClaimError> {
    let test = c.data("sentences/sts/STSBenchmark/sts-test.csv")?;
    let encoder = c.encoder.as_deref().ok_or_else(|| ClaimError::failed("no sentence encoder"))?;
    let text = corpus(&c.data(WIKI)?, 20_000_000, 100_000, 1)?;
    let set =
        vectors::read_all(&c.data("words/vectors/glove-wink-100d-top10k.txt.zst")?).map_err(ClaimError::failed)?;
    let names = set.names.unwrap_or_default();
    let frequency = |w: &String| text.vocabulary.id(w).map_or(1, |i| text.vocabulary.counts()[i as usize]);
    let glove = |pooling| {
        let vocabulary = Vocabulary::new(names.iter().map(|n| (n.as_str(), frequency(n))));
        let params = EmbeddingParams { pooling, ..EmbeddingParams::default() };
        Embedding::new(vocabulary, set.rows.clone(), params, serde_json::Value::Null).map_err(ClaimError::failed)
    };
    let (mean, sif) = (glove(Pooling::Mean)?, glove(Pooling::Sif { a: 1e-3 })?);
    let tf_idf = TfIdf { vocabulary: &text.vocabulary, dim: 4096 };
    let ladder: [(&str, &dyn Encode); 4] =
        [("tf-idf", &tf_idf), ("mean GloVe", &mean), ("SIF GloVe", &sif), (encoder.name(), encoder)];
    let mut scores = Vec::new();
    for (name, encoder) in ladder {
        scores.push((name, sts(&test, encoder, &c.context).map_err(ClaimError::failed)?.spearman));
    }
    let (raw, reduced) = counts_and_ppmi(c)?;
    let (holds, missed) = unmet(&[("sentences", scores.windows(2).all(|w| w[0].1 < w[1].1)), ("words", reduced > raw)]);
    let list: Vec<String> = scores.iter().map(|(n, s)| format!("{n} {s:.3}")).collect();
    Ok(Outcome {
        measured: format!(
            "STS-B test Spearman: {}; WordSim-353: raw counts {raw:.3}, PPMI-SVD {reduced:.3}",
            list.join(", ")
        ),
        holds,
        note: format!(
            "{missed}the sentence encoder is the built-in one, a static model distilled from a MiniLM; GloVe has the 10,000 most frequent words only; \
             frequencies and idf from 20 MB of Wikipedia"
        ),
    })
}

/// Spearman on WordSim-353 of the rows of raw counts and of the decomposition of their PPMI.
fn counts_and_ppmi(c: &ClaimContext) -> Result<(f64, f64), ClaimError> {
    let (_, counts) = counted(c, 20_000)?;
    let matrix = counts.matrix().map_err(ClaimError::failed)?;
    let pairs = Pairs::read(&c.data("words/similarity/EN-WS-353-ALL.txt")?).map_err(ClaimError::failed)?;
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for (a, b, score) in &pairs.pairs {
        let id = |w: &str| counts.vocabulary.id(&w.to_lowercase());
        let (Some(a), Some(b)) = (id(a), id(b)) else { continue };
        ours.push(cosine(matrix, a as usize, b as usize));
        theirs.push(*score);
    }
    let raw = stats::spearman(&ours, &theirs).unwrap_or(f64::NAN);
    let rows = ppmi_svd(matrix, &PpmiParams { iterations: 2, ..PpmiParams::default() }, &c.context)
        .map_err(ClaimError::failed)?
        .words;
    Ok((raw, Sets::open(c)?.spearman(&space(&counts.vocabulary, rows), "EN-WS-353-ALL")?.0))
}

fn cosine(m: CsrRef<'_>, i: usize, j: usize) -> f64 {
    let (a, b) = (m.row(i), m.row(j));
    f64::from(a.dot(b)) / (f64::from(a.dot(a)) * f64::from(b.dot(b))).sqrt().max(1e-300)
}

/// Words weighed by idf, in hashed dimensions (collisions are rare among the words of two sentences).
struct TfIdf<'a> {
    vocabulary: &'a Vocabulary,
    dim: usize,
}

impl Encode for TfIdf<'_> {
    fn name(&self) -> &str {
        "tf-idf"
    }

    fn dim(&self) -> usize {
        self.dim
    }

    fn metric(&self) -> Metric {
        Metric::Cosine
    }

    fn fingerprint(&self) -> String {
        "tf-idf".into()
    }

    fn encode(&self, texts: &[&str], _: &Context) -> Result<Vectors, EncodeError> {
        let mut out = Vectors::zeros(texts.len(), self.dim);
        for (i, text) in texts.iter().enumerate() {
            Tokenizer::default().words(text, &mut |w| {
                let count = self.vocabulary.id(w).map_or(1, |id| self.vocabulary.counts()[id as usize].max(1));
                let idf = (self.vocabulary.total() as f64 / count as f64).ln() as f32;
                out.row_mut(i)[(vectory_core::hash::fnv1a(w.as_bytes()) % self.dim as u64) as usize] += idf;
            });
            let norm = simd::norm(out.row(i)).max(1e-12);
            out.row_mut(i).iter_mut().for_each(|v| *v /= norm);
        }
        Ok(out)
    }
}
