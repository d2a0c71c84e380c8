//! Claims 123 and 135: one space in terms of another.

use vectory_core::linear::{LogisticParams, logistic};
use vectory_core::registry::{Claim, ClaimContext, ClaimError, Method, Outcome};
use vectory_core::vectors::normalize;
use vectory_core::{Context, Hit, Metric, Vectors, neighbors, simd};

use super::stitch::networks;
use crate::Side;
use crate::claim_data::{Words, ag_news, applied, each_line, encoded, fitted, glove, refs};
use crate::steps::align::r_squared;

pub(super) const RELATIVE: Method = Method {
    id: "123",
    name: "Relative representations",
    home: "transform",
    kind: "method",
    command: "vectory transform V --with relative:300 --anchors A -o OUT",
    claim: Some(Claim {
        statement: "Cosines with shared anchors make two word spaces comparable that have nothing in common as they are, and let a classifier \
                    of one serve the other",
        threshold: "20,000 shared words, 300 random anchors: relative MRR >= 0.9 and Jaccard@10 above the absolute one (read as >= 5 x); MNIST: \
                    two networks of unlike seeds stitched within 5 points of native, absolute near chance (read as below 30 %); AG News head \
                    stitched from one encoder to another well above absolute (read as: above 50 %, chance 25 %)",
        data: "ann/glove100-50k and the default encoder's vectors of the same words; images/mnist; classification/AG_News",
        run: relative,
    }),
};

pub(super) const ALIGN: Method = Method {
    id: "135",
    name: "Text-to-concept / linear cross-model alignment",
    home: "transform",
    kind: "method",
    command: "vectory transform A.npy --with align --targets B.npy -o OUT",
    claim: Some(Claim {
        statement: "A linear map learned on 20,000 unlabelled texts lets averaged GloVe vectors be asked in the language of a sentence encoder",
        threshold: "AG News by class names: aligned zero-shot accuracy >= 2 x chance and >= 75 % of the encoder's own; R2 > 0 on held-out texts",
        data: "words/corpus/wiki-en (texts), classification/AG_News, ann/glove100-50k, the default encoder",
        run: align,
    }),
};

fn relative(c: &ClaimContext) -> Result<Outcome, ClaimError> {
    let ctx = &c.context;
    let words = glove(c)?;
    let plain = |w: &str| w.bytes().all(|b| b.is_ascii_lowercase());
    let shared: Vec<usize> = (0..words.names.len()).filter(|i| plain(&words.names[*i])).take(20_000).collect();
    let names: Vec<&str> = shared.iter().map(|i| words.names[*i].as_str()).collect();
    let (a, b) = (words.rows.picked(shared.iter().copied()), encoded(c, &names)?);
    // The same seed draws the same anchors in both spaces.
    let (ra, rb) = (terms("relative:300", &a, ctx)?, terms("relative:300", &b, ctx)?);
    let few: Vec<usize> = (0..2000).map(|i| i * shared.len() / 2000).collect();
    let (mrr, jaccard) = agreement(&ra, &rb, &few, ctx)?;
    // As they are, the spaces have different dimensions: the first ones are compared.
    let cut = terms(&format!("truncate:{}", a.dim()), &b, ctx)?;
    let absolute = counterpart_rank(&a, &cut, &few, ctx)?;
    let absolute_jaccard = cross_jaccard(&a, &cut, &few, ctx)?;
    let relative_jaccard = cross_jaccard(&ra, &rb, &few, ctx)?;
    let (native, stitched, stitched_absolute) = stitch(c, &words)?;
    let nets = networks(c)?;
    let clauses = [
        ("MRR 0.9", mrr >= 0.9),
        ("Jaccard above absolute", relative_jaccard >= 5.0 * absolute_jaccard && relative_jaccard > 0.01),
        ("stitching of networks", nets.relative >= nets.native - 0.05 && nets.absolute < 0.3),
        ("stitching of encoders", stitched > 0.5 && stitched > stitched_absolute),
    ];
    let unmet: Vec<&str> = clauses.iter().filter(|c| !c.1).map(|c| c.0).collect();
    Ok(Outcome {
        measured: format!(
            "relative MRR {mrr:.3} (absolute {absolute:.3}), Jaccard@10 across spaces {relative_jaccard:.3} (absolute {absolute_jaccard:.3}; \
             neighbours within each space agree by {jaccard:.3}); MNIST head: native {:.3}, stitched {:.3}, absolute stitched {:.3}; \
             AG News head: native {native:.3}, stitched {stitched:.3}, absolute stitched {stitched_absolute:.3}",
            nets.native, nets.relative, nets.absolute
        ),
        holds: unmet.is_empty(),
        note: format!(
            "{}the paper's word spaces were both trained on billions of words; here the second space is that of a sentence encoder's words (two models \
             learned on 4 million words agree less still, MRR 0.08: their vectors of rare words are mostly noise); 2,000 words are ranked against all",
            if unmet.is_empty() { String::new() } else { format!("not met: {}; ", unmet.join(", ")) }
        ),
    })
}

fn terms(chain: &str, x: &Vectors, ctx: &Context) -> Result<Vectors, ClaimError> {
    applied(&fitted(chain, x, &Side::default(), ctx)?, x, ctx)
}

/// Mean reciprocal rank of the counterpart, and the mean Jaccard of neighbour sets within each space.
fn agreement(a: &Vectors, b: &Vectors, which: &[usize], ctx: &Context) -> Result<(f64, f64), ClaimError> {
    let near = |x: &Vectors| {
        neighbors::exact(x.view(), x.picked(which.iter().copied()).view(), Metric::Cosine, 11, ctx)
            .map_err(ClaimError::failed)
    };
    Ok((counterpart_rank(a, b, which, ctx)?, jaccard(&near(a)?, &near(b)?)))
}

fn counterpart_rank(a: &Vectors, b: &Vectors, which: &[usize], ctx: &Context) -> Result<f64, ClaimError> {
    let mut unit = b.clone();
    unit.normalize();
    let rank = |i: &usize| {
        let mut scores = vec![0.0; unit.rows()];
        simd::rows(simd::Op::Dot, a.row(*i), unit.as_slice(), &mut scores);
        let own = scores[*i];
        1.0 / (1 + scores.iter().filter(|s| **s > own).count()) as f64
    };
    use rayon::prelude::*;
    let sum: Vec<f64> = ctx.pool().install(|| which.par_iter().map(rank).collect());
    Ok(sum.iter().sum::<f64>() / which.len() as f64)
}

/// Jaccard of the ten nearest of a's row in a and in b: neighbours sought across the spaces.
fn cross_jaccard(a: &Vectors, b: &Vectors, which: &[usize], ctx: &Context) -> Result<f64, ClaimError> {
    let from = a.picked(which.iter().copied());
    let near = |base: &Vectors| {
        neighbors::exact(base.view(), from.view(), Metric::Cosine, 10, ctx).map_err(ClaimError::failed)
    };
    Ok(jaccard(&near(a)?, &near(b)?))
}

fn jaccard(a: &[Vec<Hit>], b: &[Vec<Hit>]) -> f64 {
    let one = |(x, y): (&Vec<Hit>, &Vec<Hit>)| {
        let both = x.iter().filter(|h| y.iter().any(|o| o.id == h.id)).count() as f64;
        both / (x.len() + y.len()) as f64 / (1.0 - both / (x.len() + y.len()) as f64)
    };
    a.iter().zip(b).map(one).sum::<f64>() / a.len().max(1) as f64
}

/// A head of AG News trained on averaged GloVe, asked on the encoder's vectors: native, stitched, stitched without anchors.
fn stitch(c: &ClaimContext, words: &Words) -> Result<(f64, f64, f64), ClaimError> {
    let ctx = &c.context;
    let (texts, labels) = ag_news(c)?;
    let texts = refs(&texts);
    let (a, b) = (words.means(&words.rows, &texts), encoded(c, &texts)?);
    let half = texts.len() / 2;
    let head = |x: &Vectors, y: &Vectors| -> Result<f64, ClaimError> {
        let params = LogisticParams { standardize: true, c: 0.1, ..LogisticParams::default() };
        let model = logistic(x.view().slice(0, half), &labels[..half], &params, ctx).map_err(ClaimError::failed)?;
        model.accuracy(y.view().slice(half, y.rows()), &labels[half..], ctx).map_err(ClaimError::failed)
    };
    // Anchors are the same texts, of the half that is trained on; each anchor's cosines are standardised in their own space.
    let anchored = |x: &Vectors| -> Result<Vectors, ClaimError> {
        let train = x.picked(0..half);
        let chain = fitted("relative:300", &train, &Side::default(), ctx)?;
        let out = applied(&chain, x, ctx)?;
        let scale = fitted("center", &out, &Side::default(), ctx)?;
        let mut out = applied(&scale, &out, ctx)?;
        out.as_mut_slice().chunks_exact_mut(300).for_each(normalize);
        Ok(out)
    };
    let (ra, rb) = (anchored(&a)?, anchored(&b)?);
    let cut = terms(&format!("truncate:{}", a.dim()), &b, ctx)?;
    Ok((head(&rb, &rb)?, head(&ra, &rb)?, head(&a, &cut)?))
}

fn align(c: &ClaimContext) -> Result<Outcome, ClaimError> {
    let ctx = &c.context;
    let words = glove(c)?;
    let mut texts = Vec::new();
    each_line(&c.data("words/corpus/wiki-en.txt.zst")?, |l| {
        if texts.len() < 22_000 && l.len() > 60 && !l.starts_with('=') {
            texts.push(l.chars().take(300).collect::<String>());
        }
    })?;
    let texts = refs(&texts);
    let (a, b) = (words.means(&words.rows, &texts), encoded(c, &texts)?);
    let train: Vec<usize> = (0..texts.len().min(20_000)).collect();
    let held: Vec<usize> = (train.len()..texts.len()).collect();
    let targets = b.picked(train.iter().copied());
    let side = Side { targets: Some(targets.view()), ..Side::default() };
    let chain = fitted("align", &a.picked(train.iter().copied()), &side, ctx)?;
    let r2 =
        r_squared(applied(&chain, &a.picked(held.iter().copied()), ctx)?.view(), b.picked(held.iter().copied()).view());
    let (news, labels) = ag_news(c)?;
    let news = refs(&news);
    let (na, nb) = (words.means(&words.rows, &news), encoded(c, &news)?);
    let names = encoded(c, &["world politics news", "sports news", "business news", "science and technology news"])?;
    let own = zero_shot(&nb, &names, &labels);
    let aligned = zero_shot(&applied(&chain, &na, ctx)?, &names, &labels);
    Ok(Outcome {
        measured: format!(
            "zero-shot accuracy {aligned:.3} aligned, {own:.3} of the encoder itself ({:.0} %), chance 0.25; R2 on {} held-out texts {r2:.3}",
            100.0 * aligned / own,
            held.len()
        ),
        holds: aligned >= 0.5 && aligned >= 0.75 * own && r2 > 0.0,
        note: "the target space is the static default encoder (taught by MiniLM), with class names as `… news`; similarities are centred by class \
               on the asked texts in both spaces; retained accuracy between image models is not run"
            .into(),
    })
}

/// Accuracy of the most similar class name; each name's mean similarity is subtracted.
fn zero_shot(x: &Vectors, names: &Vectors, labels: &[u32]) -> f64 {
    let scores: Vec<Vec<f64>> =
        x.iter().map(|r| names.iter().map(|n| f64::from(simd::cosine(r, n))).collect()).collect();
    let n = scores.len().max(1) as f64;
    let mean: Vec<f64> = (0..names.rows()).map(|k| scores.iter().map(|s| s[k]).sum::<f64>() / n).collect();
    let right = |(s, label): (&Vec<f64>, &u32)| {
        let best = (0..s.len()).fold(0, |b, k| if s[k] - mean[k] > s[b] - mean[b] { k } else { b });
        best == *label as usize
    };
    scores.iter().zip(labels).filter(|p| right((p.0, p.1))).count() as f64 / n
}
