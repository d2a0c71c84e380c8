//! Claim 200: f-norm and mutual proximity take hubs out of sentence vectors without harm to neighbours.

use rand::RngExt;
use vectory_core::registry::{Claim, ClaimContext, ClaimError, Method, Outcome};
use vectory_core::{Context, Hit, Metric, Vectors, neighbors, rng};

use crate::Side;
use crate::claim_data::{ag_news, applied, encoded, fitted, glove, refs};
use crate::hubness::{HubnessParams, Rescaler, k_occurrence};

pub(super) const METHOD: Method = Method {
    id: "200",
    name: "Hubness reduction for sentence vectors (f-norm + mutual proximity)",
    home: "transform",
    kind: "method",
    command: "vectory transform V --with \"fnorm | normalize\" -o OUT",
    claim: Some(Claim {
        statement: "f-norm with mutual proximity lowers the hubness of sentence vectors by more than either alone, and the kNN error does not rise",
        threshold: "where the k-skewness is above 2.5: -40 % or more and kNN error <= base + 0.3 points, on one set at least 2 % lower (relative); \
                    either alone reduces less; generated uncentred 300-d Gaussian mixtures: -70 % or more",
        data: "classification/AG_News by the default encoder and by averaged GloVe; generated",
        run,
    }),
};

const K: usize = 10;
/// Candidates that are re-ranked.
const DEPTH: usize = 500;

/// Skewness of how often training rows are answers, and the kNN error.
#[derive(Clone, Copy)]
struct Seen {
    skew: f64,
    error: f64,
}

/// Plain, f-norm, mutual proximity, both.
type Four = [Seen; 4];

fn run(c: &ClaimContext) -> Result<Outcome, ClaimError> {
    let ctx = &c.context;
    let (texts, labels) = ag_news(c)?;
    let texts = refs(&texts);
    let words = glove(c)?;
    let encoder = c.encoder.as_ref().map_or("no encoder", |e| e.name());
    let sets = [(encoder, encoded(c, &texts)?), ("averaged GloVe", words.means(&words.rows, &texts))];
    let mut shown = Vec::new();
    let (mut ok, mut hubby, mut lower) = (true, 0, false);
    for (name, x) in &sets {
        let four = study(x, &labels, ctx)?;
        let [base, fnorm, mp, both] = four;
        shown.push(format!(
            "{name}: k-skew {:.2}, f-norm {:.2}, MP {:.2}, both {:.2}; kNN error {:.2} -> {:.2} %",
            base.skew,
            fnorm.skew,
            mp.skew,
            both.skew,
            100.0 * base.error,
            100.0 * both.error
        ));
        if base.skew > 2.5 {
            hubby += 1;
            ok &= both.skew <= 0.6 * base.skew && both.error <= base.error + 0.003;
            ok &= both.skew < fnorm.skew && both.skew < mp.skew;
            lower |= both.error <= 0.98 * base.error;
        }
    }
    let (x, labels) = mixture(ctx.seed);
    let made = study(&x, &labels, ctx)?;
    let fall = 1.0 - made[3].skew / made[0].skew;
    Ok(Outcome {
        measured: format!(
            "{}; generated: k-skew {:.2} -> {:.2} (-{:.0} %)",
            shown.join("; "),
            made[0].skew,
            made[3].skew,
            100.0 * fall
        ),
        holds: ok && hubby > 0 && lower && fall >= 0.7,
        note: format!(
            "{hubby} of {} real sets have a k-skewness above 2.5 and count for the claim; f-norm fitted on the training half alone; hubness of \
             test queries among training rows, k = {K}, {DEPTH} candidates re-ranked; `--model` takes another encoder",
            sets.len()
        ),
    })
}

fn study(x: &Vectors, labels: &[u32], ctx: &Context) -> Result<Four, ClaimError> {
    let half = x.rows() / 2;
    let part = |x: &Vectors, from, to| {
        Vectors::from_slice(x.view().slice(from, to).as_slice(), x.dim()).map_err(ClaimError::failed)
    };
    let (train, test) = (part(x, 0, half)?, part(x, half, x.rows())?);
    let chain = fitted("fnorm | normalize", &train, &Side::default(), ctx)?;
    let (ftrain, ftest) = (applied(&chain, &train, ctx)?, applied(&chain, &test, ctx)?);
    let judge = |hits: &[Vec<Hit>]| Seen {
        skew: k_occurrence(hits, half).1,
        error: error(hits, &labels[..half], &labels[half..]),
    };
    let plain = |a: &Vectors, b: &Vectors| {
        neighbors::exact(a.view(), b.view(), Metric::Cosine, K, ctx).map_err(ClaimError::failed)
    };
    let mp = |a: &Vectors, b: &Vectors| {
        let r = Rescaler::fit(a.view(), Metric::Cosine, &HubnessParams::default(), ctx).map_err(ClaimError::failed)?;
        r.search(b.view(), K, DEPTH, ctx).map_err(ClaimError::failed)
    };
    Ok([
        judge(&plain(&train, &test)?),
        judge(&plain(&ftrain, &ftest)?),
        judge(&mp(&train, &test)?),
        judge(&mp(&ftrain, &ftest)?),
    ])
}

/// Share of queries whose neighbours' majority (ties: the nearest decides) is another class.
fn error(hits: &[Vec<Hit>], classes: &[u32], truth: &[u32]) -> f64 {
    let wrong = |(list, own): (&Vec<Hit>, &u32)| {
        let votes = |c: u32| list.iter().filter(|h| classes[h.id as usize] == c).count();
        let best = list.iter().map(|h| classes[h.id as usize]).fold(None, |b: Option<u32>, c| match b {
            Some(b) if votes(b) >= votes(c) => Some(b),
            _ => Some(c),
        });
        best != Some(*own)
    };
    hits.iter().zip(truth).filter(|p| wrong((p.0, p.1))).count() as f64 / truth.len().max(1) as f64
}

/// Ten Gaussians in 300 dimensions, far from the origin.
fn mixture(seed: u64) -> (Vectors, Vec<u32>) {
    let mut r = rng::stream(seed, "claim.200");
    let normal = |r: &mut rng::Rng| {
        let (u, v) = (1.0 - r.random::<f64>(), r.random::<f64>());
        (-2.0 * u.ln()).sqrt() * (std::f64::consts::TAU * v).cos()
    };
    let centres: Vec<Vec<f64>> = (0..10).map(|_| (0..300).map(|_| 1.0 + 0.3 * normal(&mut r)).collect()).collect();
    let mut x = Vectors::zeros(3000, 300);
    let mut labels = Vec::with_capacity(3000);
    for i in 0..3000 {
        let class = r.random_range(0..10usize);
        labels.push(class as u32);
        x.row_mut(i).iter_mut().zip(&centres[class]).for_each(|(v, m)| *v = (m + normal(&mut r)) as f32);
    }
    (x, labels)
}
