//! Claim 021: IsoScore reads how many dimensions are used, and is not fooled by the mean; its rivals are.

use rand::RngExt;
use vectory_core::linalg::covariance;
use vectory_core::registry::{Claim, ClaimContext, ClaimError, Method, Outcome};
use vectory_core::{Context, Vectors, rng};
use vectory_io::vectors;
use vectory_linalg::{Mat, eigen_symmetric};

use crate::cosine::pair_cosines;
use crate::isotropy::{iso_score, ln_partition_score};

pub(crate) const ISO_SCORE: Method = Method {
    id: "021",
    name: "IsoScore",
    home: "inspect",
    kind: "method",
    command: "vectory inspect V.npy",
    claim: Some(Claim {
        statement: "On Gaussians with covariance I_k (+) 0_(n-k), n = 100, IsoScore is (k-1)/(n-1) for every k, and a shift of the mean \
                    leaves it; average cosine and partition score fail at least 3 of the 6 tests; word vectors score far below 1 \
                    with or without their mean",
        threshold: "|error| <= 0.01 for all k; shift by 10 changes IsoScore by < 0.01 and drives average cosine above 0.95; each rival \
                    fails >= 3 of 6; GloVe: IsoScore far below 1 (read as: below 0.5), changed by < 0.01 when the mean is removed",
        data: "generated; words/vectors/glove-wink-100d-top10k.txt.zst; beside it ann/glove100-50k",
        run,
    }),
};

/// What "far below 1" was taken to be before anything was measured; the card gives no number.
const FAR_BELOW_ONE: f64 = 0.5;
/// The likely reason when only the word vectors miss.
const WHY: &str = "the 10,000 most frequent words at 100 d use their dimensions more evenly than the token vectors of deep models; an isotropic \
                   cloud of that size scores 0.99";
/// The word vectors that the clause is about, and more of the same to compare with.
const SMALL: &str = "words/vectors/glove-wink-100d-top10k.txt.zst";
const LARGE: &str = "ann/glove100-50k/glove100_base.f16.npy.zst";
/// Dimensions of the generated clouds.
const N: usize = 100;
/// Points: the score is biased by about -(k + 1) / points.
const POINTS: usize = 40_000;

fn run(c: &ClaimContext) -> Result<Outcome, ClaimError> {
    let ctx = &c.context;
    let cloud = gaussian(POINTS, N, ctx.seed);
    let (_, spread) = covariance(cloud.view(), ctx).map_err(ClaimError::failed)?;
    let error = dimensions_error(&spread).map_err(ClaimError::failed)?;
    let shifted = measures(&shift(&cloud, 10.0), ctx)?;
    let plain = measures(&cloud, ctx)?;
    let iso_change = (shifted.iso - plain.iso).abs();
    let failed = six_tests(&cloud, &plain, ctx)?;
    let (larger, glove) = (glove(c, LARGE)?, glove(c, SMALL)?);
    let clauses = [
        ("dimensions used", error <= 0.01),
        ("mean shift", iso_change < 0.01 && shifted.cosine > 0.95),
        (
            "rivals fail 3 of 6, IsoScore none",
            failed.cosine.len() >= 3 && failed.partition.len() >= 3 && failed.iso.is_empty(),
        ),
        ("word vectors far below 1", glove.0 < FAR_BELOW_ONE),
        ("word vectors without their mean", (glove.0 - glove.1).abs() < 0.01),
    ];
    let unmet: Vec<&str> = clauses.iter().filter(|c| !c.1).map(|c| c.0).collect();
    Ok(Outcome {
        measured: format!(
            "largest error over k {error:.4}; shift by 10: IsoScore changes by {iso_change:.4}, mean cosine {:.3} -> {:.3}; tests failed: \
             IsoScore {}, average cosine {}, partition score {}; GloVe {:.4}, without its mean {:.4} (50,000 words: {:.4}, {:.4})",
            plain.cosine,
            shifted.cosine,
            failed.iso.len(),
            failed.cosine.len(),
            failed.partition.len(),
            glove.0,
            glove.1,
            larger.0,
            larger.1
        ),
        holds: unmet.is_empty(),
        note: format!(
            "{}average cosine fails: {}; partition score fails: {}{}",
            if unmet.is_empty() { String::new() } else { format!("not met: {} ({WHY}); ", unmet.join(", ")) },
            failed.cosine.join(", "),
            failed.partition.join(", "),
            if failed.iso.is_empty() { String::new() } else { format!("; IsoScore fails: {}", failed.iso.join(", ")) }
        ),
    })
}

/// Independent standard normal values, by Box and Muller's transform; the same for any number of threads.
fn gaussian(rows: usize, dim: usize, seed: u64) -> Vectors {
    let mut out = Vectors::zeros(rows, dim);
    let mut rng = rng::stream(seed, "claim.021");
    for pair in out.as_mut_slice().chunks_mut(2) {
        let (radius, angle) =
            ((-2.0 * (1.0 - rng.random::<f64>()).ln()).sqrt(), std::f64::consts::TAU * rng.random::<f64>());
        pair[0] = (radius * angle.cos()) as f32;
        if let Some(second) = pair.get_mut(1) {
            *second = (radius * angle.sin()) as f32;
        }
    }
    out
}

/// Largest |IsoScore - (k-1)/(n-1)| when only the first k dimensions are kept.
fn dimensions_error(covariance: &Mat) -> Result<f64, vectory_linalg::Error> {
    let mut worst = 0.0f64;
    for k in 1..=N {
        let kept = Mat::from_fn(N, N, |i, j| if i < k && j < k { covariance.at(i, j) } else { 0.0 });
        let score = iso_score(&eigen_symmetric(&kept)?.values).map_or(f64::NAN, |s| s.score);
        worst = worst.max((score - (k - 1) as f64 / (N - 1) as f64).abs());
    }
    Ok(worst)
}

/// The three measures, each meant to be 1 for an isotropic cloud, and the mean cosine itself.
struct Measures {
    iso: f64,
    cosine_isotropy: f64,
    partition: f64,
    cosine: f64,
}

fn measures(x: &Vectors, ctx: &Context) -> Result<Measures, ClaimError> {
    let (mean, spread) = covariance(x.view(), ctx).map_err(ClaimError::failed)?;
    let spectrum = eigen_symmetric(&spread).map_err(ClaimError::failed)?.values;
    let second = Mat::from_fn(mean.len(), mean.len(), |i, j| spread.at(i, j) + mean[i] * mean[j]);
    let directions = eigen_symmetric(&second).map_err(ClaimError::failed)?.vectors;
    let cosine = pair_cosines(x.view(), 2, ctx.seed).map_or(f64::NAN, |c| c.mean);
    Ok(Measures {
        iso: iso_score(&spectrum).map_or(f64::NAN, |s| s.score),
        cosine_isotropy: 1.0 - cosine.abs(),
        partition: ln_partition_score(x.view(), &directions, ctx).map_err(ClaimError::failed)?.exp(),
        cosine,
    })
}

/// The names of the tests that each measure fails.
#[derive(Default)]
struct Failed {
    iso: Vec<&'static str>,
    cosine: Vec<&'static str>,
    partition: Vec<&'static str>,
}

impl Failed {
    /// Notes who fails: `passes` sees one measure over the variants of a test.
    fn note(&mut self, name: &'static str, variants: &[Measures], passes: impl Fn(&[f64]) -> bool) {
        let of = |f: fn(&Measures) -> f64| variants.iter().map(f).collect::<Vec<_>>();
        let all = [
            (&mut self.iso, of(|m| m.iso)),
            (&mut self.cosine, of(|m| m.cosine_isotropy)),
            (&mut self.partition, of(|m| m.partition)),
        ];
        for (list, values) in all {
            if !passes(&values) {
                list.push(name);
            }
        }
    }
}

/// The six properties of the paper, each on variants of one isotropic cloud.
fn six_tests(cloud: &Vectors, plain: &Measures, ctx: &Context) -> Result<Failed, ClaimError> {
    let mut failed = Failed::default();
    let of = |clouds: Vec<Vectors>| clouds.iter().map(|x| measures(x, ctx)).collect::<Result<Vec<_>, _>>();
    let same = |v: &[f64]| v.iter().all(|x| (x - v[0]).abs() < 0.01);
    let falls = |v: &[f64]| v.windows(2).all(|w| w[1] < w[0] - 1e-3);

    failed.note("mean agnostic", &of(vec![cloud.clone(), shift(cloud, 1.0), shift(cloud, 10.0)])?, same);
    failed.note("scalar covariance", &of([1.0, 2.0, 5.0].map(|s| scale(cloud, |_| s)).into())?, same);
    let grown = [1.0f32, 5.0, 20.0, 60.0].map(|v| scale(cloud, |j| if j == 0 { v.sqrt() } else { 1.0 }));
    failed.note("maximum variance", &of(grown.into())?, falls);
    let uneven = scale(cloud, |j| if j % 4 == 0 { 2.0 } else { 1.0 });
    failed.note("rotation", &of(vec![uneven.clone(), rotate(&uneven)])?, same);
    let kept = [10, 40, 70].map(|k| scale(cloud, |j| if j < k { 1.0 } else { 0.0 }));
    let mut used = of(kept.into())?;
    used.push(Measures { ..*plain });
    failed.note("dimensions used", &used, |v| {
        v.iter().zip([10.0, 40.0, 70.0, 100.0]).all(|(s, k)| (s - (k - 1.0) / (N - 1) as f64).abs() < 0.05)
    });
    let skewered = [0.0, 0.25, 0.5, 0.75, 1.0].map(|share| skewer(cloud, share));
    failed.note("global stability", &of(skewered.into())?, |v| {
        v.windows(2).all(|w| w[1] > w[0]) && v[0] < 0.1 && v[v.len() - 1] > 0.9
    });
    Ok(failed)
}

fn shift(x: &Vectors, by: f32) -> Vectors {
    let mut out = x.clone();
    out.as_mut_slice().iter_mut().for_each(|v| *v += by);
    out
}

fn scale(x: &Vectors, factor: impl Fn(usize) -> f32) -> Vectors {
    let mut out = x.clone();
    let dim = x.dim();
    out.as_mut_slice().iter_mut().enumerate().for_each(|(i, v)| *v *= factor(i % dim));
    out
}

/// Rotates each pair of neighbouring dimensions by an angle of its own.
fn rotate(x: &Vectors) -> Vectors {
    let mut out = x.clone();
    let dim = x.dim();
    for row in out.as_mut_slice().chunks_exact_mut(dim) {
        for (j, pair) in row.chunks_exact_mut(2).enumerate() {
            let (sin, cos) = (0.3 + j as f32).sin_cos();
            (pair[0], pair[1]) = (cos * pair[0] - sin * pair[1], sin * pair[0] + cos * pair[1]);
        }
    }
    out
}

/// A line through a ball: the first `share` of the rows keep all dimensions, the others only the first one, stretched.
fn skewer(x: &Vectors, share: f64) -> Vectors {
    let mut out = x.clone();
    let from = (share * x.rows() as f64) as usize;
    for i in from..x.rows() {
        let row = out.row_mut(i);
        row[0] *= 2.0;
        row[1..].fill(0.0);
    }
    out
}

/// IsoScore of GloVe vectors, as they are and without their mean.
fn glove(c: &ClaimContext, file: &str) -> Result<(f64, f64), ClaimError> {
    let path = c.data(file)?;
    let rows = vectors::read_all(&path).map_err(ClaimError::failed)?.rows;
    let (mean, _) = covariance(rows.view(), &c.context).map_err(ClaimError::failed)?;
    let mut centred = rows.clone();
    let dim = rows.dim();
    centred.as_mut_slice().iter_mut().enumerate().for_each(|(i, v)| *v -= mean[i % dim] as f32);
    Ok((measures(&rows, &c.context)?.iso, measures(&centred, &c.context)?.iso))
}
