//! Claim 062: an adapter's uncertainty knows when a shortened text no longer finds itself.

use rand::RngExt;
use vectory_core::neighbors::exact;
use vectory_core::registry::{Claim, ClaimContext, ClaimError, Method, Outcome};
use vectory_core::rng::Rng;
use vectory_core::{Metric, Vectors, rng};
use vectory_evaluate::protocols::{Binned, binned};
use vectory_transform::claim_data::{ag_news, encoded};

use super::{Adapter, AdapterParams, Parts};

pub(crate) const PROB_VLM: Method = Method {
    id: "062",
    name: "ProbVLM (probabilistic adapter on frozen embeddings)",
    home: "inspect",
    kind: "method",
    command: "vectory inspect uncertainty V --pairs A B -o U.npy; vectory evaluate vectors V --uncertainty U.npy",
    claim: Some(Claim {
        statement: "News texts with 0 to 90 % of their words hidden look for their whole text: recall falls with the adapter's uncertainty, better than \
                    with the distance from the mean or the variance under further hiding; hiding more raises the mean uncertainty",
        threshold: "Spearman of bin and Recall@1 <= -0.8 over 10 bins; -S R² above both others; mean uncertainty rises over 0, 20, 40, 60, 80 % hidden",
        data: "classification/AG_News/test.csv.gz (the shipped encoder)",
        run,
    }),
};

const FITTED: usize = 3500;
const JUDGED: usize = 2000;
const VIEWS: usize = 2;

fn run(c: &ClaimContext) -> Result<Outcome, ClaimError> {
    let ctx = &c.context;
    let (texts, _) = ag_news(c)?;
    let mut r = rng::stream(ctx.seed, "claim.062");
    let (fit_on, judged) = (&texts[..FITTED], &texts[FITTED..FITTED + JUDGED]);
    let whole = encode(c, fit_on)?;
    let (mut hidden, mut partners) = (Vec::new(), Vec::new());
    for _ in 0..VIEWS {
        let shortened: Vec<String> = fit_on.iter().map(|t| shorten(t, r.random_range(0.0..0.9), &mut r)).collect();
        hidden.extend_from_slice(encode(c, &shortened)?.as_slice());
        partners.extend_from_slice(whole.as_slice());
    }
    let rows = |v: &[f32]| Vectors::from_slice(v, whole.dim()).map_err(ClaimError::failed);
    let (hidden, partners) = (rows(&hidden)?, rows(&partners)?);
    let fitted =
        Adapter::fit(hidden.view(), partners.view(), &AdapterParams::default(), ctx).map_err(ClaimError::failed)?;

    let gallery = encode(c, judged)?;
    let asked: Vec<String> = judged.iter().map(|t| shorten(t, r.random_range(0.0..0.9), &mut r)).collect();
    let queries = encode(c, &asked)?;
    let found = exact(gallery.view(), queries.view(), Metric::Cosine, 1, ctx).map_err(ClaimError::failed)?;
    let right: Vec<bool> =
        found.iter().enumerate().map(|(i, h)| h.first().is_some_and(|h| h.id as usize == i)).collect();
    let total = |x: &Vectors| -> Result<Vec<f64>, ClaimError> {
        let parts = fitted.uncertainty(x.view(), ctx).map_err(ClaimError::failed)?;
        Ok(parts.iter().map(Parts::total).collect())
    };
    let bins = |u: &[f64]| binned(&right, u, 10).ok_or_else(|| ClaimError::failed("too few texts"));
    let ours = bins(&total(&queries)?)?;
    let off = bins(&from_mean(&queries, &hidden))?;
    let varied = bins(&under_hiding(c, &asked, &mut r)?)?;
    let mut levels = Vec::new();
    for share in [0.0, 0.2, 0.4, 0.6, 0.8] {
        let shortened: Vec<String> = judged.iter().map(|t| shorten(t, share, &mut r)).collect();
        let of = total(&encode(c, &shortened)?)?;
        levels.push(1000.0 * of.iter().sum::<f64>() / of.len() as f64);
    }
    let rises = levels.windows(2).all(|w| w[1] > w[0]);
    let recalls = |b: &Binned| b.bins.iter().map(|b| format!("{:.2}", b.recall)).collect::<Vec<_>>().join(" ");
    Ok(Outcome {
        measured: format!(
            "Recall@1 by bin {} (Spearman {:.2}, -S R² {:.2}); distance from the mean {:.2}, variance under hiding {:.2}; mean uncertainty by share \
             hidden {} (thousandths)",
            recalls(&ours),
            ours.spearman,
            ours.score,
            off.score,
            varied.score,
            levels.iter().map(|l| format!("{l:.3}")).collect::<Vec<_>>().join(", ")
        ),
        holds: ours.spearman <= -0.8 && ours.score > off.score && ours.score > varied.score && rises,
        note: "texts instead of pictures: one encoder, pairs of a text with hidden words and the whole text".into(),
    })
}

fn encode(c: &ClaimContext, texts: &[String]) -> Result<Vectors, ClaimError> {
    encoded(c, &texts.iter().map(String::as_str).collect::<Vec<_>>())
}

/// The text with a share of its words left out, at least one kept.
fn shorten(text: &str, share: f64, r: &mut Rng) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    let kept: Vec<&str> = words.iter().copied().filter(|_| r.random_range(0.0..1.0) >= share).collect();
    if kept.is_empty() { words.first().copied().unwrap_or_default().to_owned() } else { kept.join(" ") }
}

fn from_mean(x: &Vectors, of: &Vectors) -> Vec<f64> {
    let mut mean = vec![0.0f64; of.dim()];
    of.iter().for_each(|r| mean.iter_mut().zip(r).for_each(|(m, v)| *m += f64::from(*v) / of.rows() as f64));
    let away = |r: &[f32]| r.iter().zip(&mean).map(|(v, m)| (f64::from(*v) - m).powi(2)).sum::<f64>();
    x.iter().map(away).collect()
}

/// The variance of a text's vector when another 30 % of its words are hidden, over eight draws.
fn under_hiding(c: &ClaimContext, texts: &[String], r: &mut Rng) -> Result<Vec<f64>, ClaimError> {
    const DRAWS: usize = 8;
    let mut views = Vec::new();
    for _ in 0..DRAWS {
        let shortened: Vec<String> = texts.iter().map(|t| shorten(t, 0.3, r)).collect();
        views.push(encode(c, &shortened)?);
    }
    let one = |i: usize| {
        let of = |j: usize| {
            let values = views.iter().map(|v| f64::from(v.row(i)[j]));
            let mean = values.clone().sum::<f64>() / DRAWS as f64;
            values.map(|v| (v - mean).powi(2)).sum::<f64>()
        };
        (0..views[0].dim()).map(of).sum()
    };
    Ok((0..texts.len()).map(one).collect())
}
