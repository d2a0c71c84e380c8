//! Claim 059: models of one family are alike, others are not, and small k hides how much lists differ.

use std::collections::HashMap;

use vectory_core::linalg::{Pca, PcaParams};
use vectory_core::registry::{Claim, ClaimContext, ClaimError, Method, Outcome};
use vectory_core::{Context, Hit, Metric, Vectors, neighbors};
use vectory_io::vectors;
use vectory_text::{Analyzer, AnalyzerParams};

use super::{NeighborhoodParams, adjusted_rand, average_linkage, of_lists, of_spaces};
use crate::beir::{Collection, Document, encode_all};

pub(crate) const MODEL_SIMILARITY: Method = Method {
    id: "059",
    name: "Embedding-model similarity for RAG (CKA + top-k overlap)",
    home: "evaluate",
    kind: "benchmark",
    command: "vectory compare A.npy B.npy C.npy",
    claim: Some(Claim {
        statement: "On SciFact, groups of representations by 1 - CKA are their families (shipped encoder and its reductions; word-vector \
                    averages; tf-idf with SVD), lists vary more over queries at small k, and lists of different families differ",
        threshold: "adjusted Rand >= 0.8; coefficient of variation of Jaccard at each k <= 5 above that at 100; mean Jaccard@10 between \
                    families < 0.6",
        data: "retrieval/scifact; words/vectors/glove-wink-100d-top10k.txt.zst (MiniLM's layers are left to the neural encoders)",
        run,
    }),
};

/// A representation of documents and queries.
pub(crate) struct Model {
    pub name: &'static str,
    pub family: usize,
    pub documents: Vectors,
    pub queries: Vectors,
}

fn run(c: &ClaimContext) -> Result<Outcome, ClaimError> {
    let folder = c.data("retrieval/scifact")?;
    let glove = c.data("words/vectors/glove-wink-100d-top10k.txt.zst")?;
    let collection = Collection::open(&folder, "test").map_err(ClaimError::failed)?;
    let texts: Vec<String> = collection.documents.iter().map(Document::joined).collect();
    let queries: Vec<String> = collection.answerable().0.iter().map(|q| (*q).to_owned()).collect();
    let mut models = Vec::new();
    shipped(c, &texts, &queries, &mut models)?;
    averages(&glove, &texts, &queries, &mut models)?;
    latent(&texts, &queries, &c.context, &mut models)?;
    let families: Vec<usize> = models.iter().map(|m| m.family).collect();
    let distances = distances(&models, &c.context)?;
    let rand = adjusted_rand(&average_linkage(&distances, 3), &families);
    let lists = models.iter().map(|m| lists(m, &c.context)).collect::<Result<Vec<_>, _>>()?;
    let (variation, between) = overlaps(&lists, &families);
    let deep = variation.last().copied().unwrap_or(f64::NAN);
    let steep = variation[..3].iter().all(|v| *v > deep);
    let names: Vec<&str> = models.iter().map(|m| m.name).collect();
    Ok(Outcome {
        measured: format!(
            "{} representations ({}): adjusted Rand {rand:.2}; coefficient of variation of Jaccard {:.2}, {:.2}, {:.2} at k 1, 2, 5 and {deep:.2} at 100; Jaccard@10 between families {between:.3}",
            names.len(),
            names.join(", "),
            variation[0],
            variation[1],
            variation[2]
        ),
        holds: rand >= 0.8 && steep && between < 0.6,
        note: String::new(),
    })
}

/// The encoder, fewer dimensions of it, and coarse values of it.
pub(crate) fn shipped(
    c: &ClaimContext,
    texts: &[String],
    queries: &[String],
    out: &mut Vec<Model>,
) -> Result<(), ClaimError> {
    let encoder = c.encoder.as_deref().ok_or_else(|| ClaimError::failed("needs a sentence encoder"))?;
    let encode = |t: &[String]| encode_all(t, encoder, &c.context).map_err(ClaimError::failed);
    let (documents, asked) = (encode(texts)?, encode(queries)?);
    let cut = |v: &Vectors, dims: usize| {
        Vectors::from_rows(v.iter().map(|r| &r[..dims.min(r.len())])).map_err(ClaimError::failed)
    };
    let coarse = |v: &Vectors| {
        let mut v = v.clone();
        v.normalize();
        v.as_mut_slice().iter_mut().for_each(|x| *x = (*x * 60.0).round() / 60.0);
        v
    };
    out.push(Model { name: "encoder, 128 d", family: 0, documents: cut(&documents, 128)?, queries: cut(&asked, 128)? });
    out.push(Model { name: "encoder, 4 bits", family: 0, documents: coarse(&documents), queries: coarse(&asked) });
    out.push(Model { name: "encoder", family: 0, documents, queries: asked });
    Ok(())
}

/// Means of word vectors: plain, and weighted by rarity without the common direction (Arora et al. 2017).
pub(crate) fn averages(
    path: &std::path::Path,
    texts: &[String],
    queries: &[String],
    out: &mut Vec<Model>,
) -> Result<(), ClaimError> {
    let set = vectors::read_all(path).map_err(ClaimError::failed)?;
    let names = set.names.ok_or_else(|| ClaimError::failed("word vectors without words"))?;
    let known: HashMap<&str, usize> = names.iter().enumerate().map(|(i, n)| (n.as_str(), i)).collect();
    let words = |t: &str| -> Vec<usize> {
        let lower = t.to_lowercase();
        lower.split(|c: char| !c.is_alphanumeric()).filter_map(|w| known.get(w).copied()).collect()
    };
    let mut counts = vec![0.0f64; known.len().max(1)];
    texts.iter().flat_map(|t| words(t)).for_each(|w| counts[w] += 1.0);
    let total: f64 = counts.iter().sum();
    let mean = |t: &[String], weigh: bool| {
        let mut rows = Vectors::zeros(t.len(), set.rows.dim());
        for (i, t) in t.iter().enumerate() {
            for w in words(t) {
                let weight = if weigh { 1e-3 / (1e-3 + counts[w] / total) } else { 1.0 };
                vectory_core::simd::axpy(weight as f32, set.rows.row(w), rows.row_mut(i));
            }
        }
        rows.normalize();
        rows
    };
    out.push(Model { name: "GloVe mean", family: 1, documents: mean(texts, false), queries: mean(queries, false) });
    out.push(Model { name: "GloVe by rarity", family: 1, documents: mean(texts, true), queries: mean(queries, true) });
    Ok(())
}

/// tf-idf of stems in 100, 200 and 300 latent dimensions (by principal components of 2,000 hashed terms).
pub(crate) fn latent(
    texts: &[String],
    queries: &[String],
    ctx: &Context,
    out: &mut Vec<Model>,
) -> Result<(), ClaimError> {
    let analyzer = Analyzer::new(AnalyzerParams::default());
    let terms = |t: &str| -> Vec<String> {
        let mut all = Vec::new();
        analyzer.terms(t, &mut |term: &str| all.push(term.to_owned()));
        all
    };
    let mut frequency: HashMap<String, f64> = HashMap::new();
    for t in texts {
        let mut distinct = terms(t);
        distinct.sort_unstable();
        distinct.dedup();
        distinct.into_iter().for_each(|w| *frequency.entry(w).or_default() += 1.0);
    }
    let mut chosen: Vec<(&String, f64)> = frequency.iter().map(|(w, f)| (w, *f)).collect();
    chosen.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(b.0)));
    chosen.truncate(2000);
    let place: HashMap<&str, (usize, f64)> =
        chosen.iter().enumerate().map(|(i, (w, f))| (w.as_str(), (i, (texts.len() as f64 / f).ln()))).collect();
    let rows = |t: &[String]| {
        let mut rows = Vectors::zeros(t.len(), chosen.len());
        for (i, t) in t.iter().enumerate() {
            for (at, idf) in terms(t).iter().filter_map(|w| place.get(w.as_str())) {
                rows.row_mut(i)[*at] += *idf as f32;
            }
        }
        rows.normalize();
        rows
    };
    let (documents, asked) = (rows(texts), rows(queries));
    for (name, dims) in [("tf-idf SVD 100", 100), ("tf-idf SVD 200", 200), ("tf-idf SVD 300", 300)] {
        let params = PcaParams { dims: dims.min(chosen.len()), ..PcaParams::default() };
        let pca = Pca::fit(documents.view(), &params, ctx).map_err(ClaimError::failed)?;
        out.push(Model { name, family: 2, documents: pca.apply(documents.view()), queries: pca.apply(asked.view()) });
    }
    Ok(())
}

/// 1 − CKA of the documents.
fn distances(models: &[Model], ctx: &Context) -> Result<Vec<Vec<f64>>, ClaimError> {
    let mut out = vec![vec![0.0; models.len()]; models.len()];
    for i in 0..models.len() {
        for j in 0..i {
            let spaces = of_spaces(models[i].documents.view(), models[j].documents.view(), ctx);
            out[i][j] = 1.0 - spaces.map_err(ClaimError::failed)?.cka;
            out[j][i] = out[i][j];
        }
    }
    Ok(out)
}

fn lists(m: &Model, ctx: &Context) -> Result<Vec<Vec<Hit>>, ClaimError> {
    neighbors::exact(m.documents.view(), m.queries.view(), Metric::Cosine, 100, ctx).map_err(ClaimError::failed)
}

/// Coefficients of variation of Jaccard at k 1, 2, 5 and 100 (mean over pairs), and Jaccard@10 between families.
fn overlaps(lists: &[Vec<Vec<Hit>>], families: &[usize]) -> (Vec<f64>, f64) {
    let params = NeighborhoodParams { depths: vec![1, 2, 5, 10, 100], ..Default::default() };
    let (mut variation, mut between, mut pairs) = (vec![0.0; 4], vec![], 0.0);
    for i in 0..lists.len() {
        for j in 0..i {
            let o = of_lists(&lists[i], &lists[j], &params).overlaps;
            for (v, at) in variation.iter_mut().zip([0, 1, 2, 4]) {
                *v += o[at].jaccard_deviation / o[at].jaccard.max(1e-9);
            }
            pairs += 1.0;
            if families[i] != families[j] {
                between.push(o[3].jaccard);
            }
        }
    }
    variation.iter_mut().for_each(|v| *v /= pairs);
    (variation, between.iter().sum::<f64>() / between.len().max(1) as f64)
}
