//! Claims 170 and 153: fewer dimensions that keep neighbours; few words that stand for a vector.

use rayon::prelude::*;
use vectory_core::registry::{Claim, ClaimContext, ClaimError, Method, Outcome};
use vectory_core::{Context, Metric, Vectors, neighbors, simd};

use crate::Side;
use crate::claim_data::{ag_news, applied, encoded, fitted, glove, refs};
use crate::steps::Decompose;

pub(super) const TLDR: Method = Method {
    id: "170",
    name: "TLDR (twin learning for dimensionality reduction)",
    home: "transform",
    kind: "method",
    command: "vectory transform V --with tldr:64 -o OUT",
    claim: Some(Claim {
        statement: "At 32 and 64 of 256 dimensions, TLDR's linear encoder retrieves better than principal components, whitened or not",
        threshold: "label mAP on held-out rows: TLDR >= whitened PCA + 1 point and > PCA at both sizes; also with twins from a search of 80 % recall",
        data: "classification/AG_News by the default encoder; fitted on the first half",
        run: tldr,
    }),
};

pub(super) const CONCEPTOR: Method = Method {
    id: "153",
    name: "Conceptor (hidden language of diffusion models)",
    home: "inspect",
    kind: "method",
    command: "vectory transform V --with decompose:10 --anchors words.vec -o OUT",
    claim: Some(Claim {
        statement: "Ten non-negative words stand for a word that is not among them, say more than its ten nearest words, and removing the first \
                    removes its sense",
        threshold: "N = 10: cosine >= 0.8 to the target; the words are more diverse than the ten nearest; without the first component its neighbours \
                    leave the target's ten nearest",
        data: "ann/glove100-50k: 300 held-out words among the first 10,000",
        run: conceptor,
    }),
};

fn tldr(c: &ClaimContext) -> Result<Outcome, ClaimError> {
    let ctx = &c.context;
    let (texts, labels) = ag_news(c)?;
    let x = encoded(c, &refs(&texts))?;
    let half = x.rows() / 2;
    let (train, test) = (x.picked(0..half), x.picked(half..x.rows()));
    let mut shown = vec![format!("all 256: {:.1}", map(&test, &labels[half..], ctx))];
    let mut holds = true;
    for d in [32, 64] {
        let score = |chain: &str| -> Result<f64, ClaimError> {
            let chain = fitted(chain, &train, &Side::default(), ctx)?;
            Ok(map(&applied(&chain, &test, ctx)?, &labels[half..], ctx))
        };
        let (ours, pca) = (score(&format!("tldr:{d},projector=512"))?, score(&format!("pca:{d}"))?);
        let (white, approximate) =
            (score(&format!("whiten:pca,dims={d}"))?, score(&format!("tldr:{d},projector=512,recall=0.8"))?);
        holds &= ours >= white + 1.0 && ours > pca && approximate >= white + 1.0 && approximate > pca;
        shown.push(format!(
            "d = {d}: TLDR {ours:.1} ({approximate:.1} at 80 % recall), PCA {pca:.1}, whitened PCA {white:.1}"
        ));
    }
    Ok(Outcome {
        measured: format!("label mAP: {}", shown.join("; ")),
        holds,
        note: format!(
            "a linear encoder trained from the principal components below a projector of width 512, 200 steps of 1,024 pairs from {half} rows (the paper: \
             random start, width 8,192, 100 epochs)"
        ),
    })
}

/// Mean average precision of same-class rows by cosine, over 1,000 queries.
fn map(x: &Vectors, labels: &[u32], ctx: &Context) -> f64 {
    let mut unit = x.clone();
    unit.normalize();
    let one = |q: usize| {
        let mut scores = vec![0.0; unit.rows()];
        simd::rows(simd::Op::Dot, unit.row(q), unit.as_slice(), &mut scores);
        let mut order: Vec<usize> = (0..scores.len()).filter(|i| *i != q).collect();
        order.sort_by(|a, b| scores[*b].total_cmp(&scores[*a]).then(a.cmp(b)));
        let (mut found, mut sum) = (0.0, 0.0);
        for (rank, i) in order.iter().enumerate().filter(|(_, i)| labels[**i] == labels[q]) {
            debug_assert!(*i != q);
            found += 1.0;
            sum += found / (rank + 1) as f64;
        }
        sum / f64::max(found, 1.0)
    };
    let queries: Vec<usize> = (0..1000).map(|i| i * unit.rows() / 1000).collect();
    let all: Vec<f64> = ctx.pool().install(|| queries.par_iter().map(|q| one(*q)).collect());
    100.0 * all.iter().sum::<f64>() / all.len() as f64
}

fn conceptor(c: &ClaimContext) -> Result<Outcome, ClaimError> {
    let ctx = &c.context;
    let words = glove(c)?;
    let plain = |i: &usize| words.names[*i].bytes().all(|b| b.is_ascii_lowercase()) && words.names[*i].len() > 2;
    let all: Vec<usize> = (200..10_200).filter(plain).collect();
    let (held, kept): (Vec<usize>, Vec<usize>) = (0..all.len()).partition(|i| i % (all.len() / 300) == 0);
    let rows = |which: &[usize]| words.rows.picked(which.iter().map(|i| all[*i]));
    let (targets, vocabulary) = (rows(&held), rows(&kept));
    let model = Decompose { terms: 10 }.model(vocabulary.view(), ctx).map_err(ClaimError::failed)?;
    let mut centred = targets.clone();
    let dim = centred.dim();
    centred.as_mut_slice().iter_mut().enumerate().for_each(|(i, v)| *v -= model.shift[i % dim]);
    let near = neighbors::exact(model.vocabulary.view(), centred.view(), Metric::Cosine, 10, ctx)
        .map_err(ClaimError::failed)?;
    let (mut cosine, mut spread, mut plain, mut gone) = (0.0, 0.0, 0.0, 0.0);
    for (i, target) in targets.iter().enumerate() {
        let (terms, fit) = model.explain(target).map_err(ClaimError::failed)?;
        cosine += fit;
        spread += redundancy(&model.vocabulary, terms.iter().map(|t| t.id));
        plain += redundancy(&model.vocabulary, near[i].iter().map(|h| h.id as usize));
        let Some(first) = terms.first() else { continue };
        // Without its first part: how many of that word's ten nearest are still among the target's ten nearest.
        let mut rest = centred.row(i).to_vec();
        simd::axpy(-first.weight as f32, model.vocabulary.row(first.id), &mut rest);
        let ask = |row: &[f32]| {
            let one = Vectors::from_slice(row, dim).map_err(ClaimError::failed)?;
            neighbors::exact(model.vocabulary.view(), one.view(), Metric::Cosine, 10, ctx).map_err(ClaimError::failed)
        };
        let (sense, after) = (ask(model.vocabulary.row(first.id))?, ask(&rest)?);
        let common = |list: &[vectory_core::Hit]| list.iter().filter(|h| sense[0].iter().any(|s| s.id == h.id)).count();
        gone += 1.0 - common(&after[0]) as f64 / common(&near[i]).max(1) as f64;
    }
    let n = targets.rows() as f64;
    let (cosine, spread, plain, gone) = (cosine / n, spread / n, plain / n, gone / n);
    Ok(Outcome {
        measured: format!(
            "mean cosine {cosine:.3}; mean cosine among the ten words {spread:.3}, among the ten nearest {plain:.3}; without the first component {:.0} % \
             of its neighbours leave the ten nearest",
            100.0 * gone
        ),
        holds: cosine >= 0.8 && spread < plain && gone > 0.5,
        note: "the frozen model is the identity; senses are judged by neighbours, not by WordNet; the diffusion part needs a trained generator".into(),
    })
}

/// Mean cosine of different words of a list.
fn redundancy(vocabulary: &Vectors, ids: impl Iterator<Item = usize>) -> f64 {
    let ids: Vec<usize> = ids.collect();
    let (mut sum, mut pairs) = (0.0, 0.0f64);
    for (i, a) in ids.iter().enumerate() {
        for b in &ids[i + 1..] {
            sum += f64::from(simd::dot(vocabulary.row(*a), vocabulary.row(*b)));
            pairs += 1.0;
        }
    }
    sum / pairs.max(1.0)
}
