//! Claim 132: pooled digits lose their site and keep what they are; a change of covariate is a known map.

use rand::RngExt;
use vectory_core::linear::{LogisticParams, logistic};
use vectory_core::registry::{Claim, ClaimContext, ClaimError, Method, Outcome};
use vectory_core::{Context, Vectors, rng, simd};

use crate::claim_data::mnist;
use crate::models::Harmonized;
use crate::steps::Harmonize;
use crate::{Side, Transform};

pub(super) const METHOD: Method = Method {
    id: "132",
    name: "CatHarm (category-theory pooling under multiple covariate shift)",
    home: "transform",
    kind: "method",
    command: "vectory transform V --with harmonize:64 --labels sites.txt --targets covariates.npy -o OUT",
    claim: Some(Claim {
        statement: "Digits pooled from three sites (gain, bias and noise of their own, other shares of rotation): encoded, the site cannot be read \
                    off, the digit can, and moving an encoded image by a known map brings it nearer to its truly turned or shrunk form",
        threshold: "site probe within 5 points of chance; digit accuracy loses at most 2 points; at least 90 % of images moved by 1 or 2 steps are \
                    nearer to the truly shifted image's code than the unmoved code is",
        data: "images/mnist (6,000 training images; probes on 4,000 test images whose sites and covariates are balanced)",
        run,
    }),
};

const SIDE: usize = 28;
/// Degrees of a step of rotation; the factor of a step of scale.
const TURN: f32 = 25.0;
const SHRINK: f32 = 0.8;
/// Values of each covariate.
const VALUES: usize = 3;
/// Gain, bias and noise of each site, and the shares of its rotations.
const SITES: [([f32; 3], [f32; VALUES]); 3] =
    [([1.0, 0.0, 0.05], [0.6, 0.3, 0.1]), ([0.7, 0.2, 0.05], [1.0, 1.0, 1.0]), ([0.5, 0.1, 0.1], [0.1, 0.3, 0.6])];

/// Images as sites see them, with what is known of them.
struct Pooled {
    rows: Vectors,
    sites: Vec<u32>,
    covariates: Vec<[usize; 2]>,
    digits: Vec<u32>,
}

fn run(c: &ClaimContext) -> Result<Outcome, ClaimError> {
    let ctx = &c.context;
    let (train, train_digits) = mnist(c, "train30k", 6000)?;
    let (test, test_digits) = mnist(c, "t10k", 4000)?;
    let mut r = rng::stream(ctx.seed, "claim.132");
    let pool = pooled(&train, &train_digits, false, &mut r);
    let probes = pooled(&test, &test_digits, true, &mut r);
    let values: Vec<f32> = pool.covariates.iter().flatten().map(|v| *v as f32).collect();
    let covariates = Vectors::from_slice(&values, 2).map_err(ClaimError::failed)?;
    let side = Side {
        labels: Some(&pool.sites),
        targets: Some(covariates.view()),
        keep: Some(&pool.digits),
        ..Side::default()
    };
    let params = Harmonize { dims: 64, ..Harmonize::default() };
    let model = params.model(pool.rows.view(), &side, ctx).map_err(ClaimError::failed)?;
    let codes = model.apply(probes.rows.view(), ctx).map_err(ClaimError::failed)?;
    let [raw_site, raw_digit] = probed(&probes.rows, &probes, ctx)?;
    let [site, digit] = probed(&codes, &probes, ctx)?;
    let nearer = moved(&model, &test, &probes, &codes, (&mut r, ctx))?;
    let chance = 1.0 / SITES.len() as f64;
    Ok(Outcome {
        measured: format!(
            "site {raw_site:.3} -> {site:.3} (chance {chance:.3}), digit {raw_digit:.3} -> {digit:.3}; nearer to the true form: {}",
            nearer.iter().map(|(name, share)| format!("{name} {:.1} %", 100.0 * share)).collect::<Vec<_>>().join(", ")
        ),
        holds: site <= chance + 0.05 && digit >= raw_digit - 0.02 && nearer.iter().all(|n| n.1 >= 0.9),
        note: "linear probes, fitted on one half of the balanced images and scored on the other, of pixels and of codes alike; means of groups (digit, \
               rotation, scale) take the place of pairs of images, a map's transpose that of a map down; what is left of sites within groups is taken out in closed form; no ComBat beside it, and no table".into(),
    })
}

fn pooled(images: &Vectors, digits: &[u32], balanced: bool, r: &mut rng::Rng) -> Pooled {
    let mut out = Pooled {
        rows: Vectors::zeros(images.rows(), SIDE * SIDE),
        sites: Vec::new(),
        covariates: Vec::new(),
        digits: digits.to_vec(),
    };
    for (i, image) in images.iter().enumerate() {
        let site = r.random_range(0..SITES.len());
        let shares = if balanced { [1.0; VALUES] } else { SITES[site].1 };
        let mut left = r.random_range(0.0..shares.iter().sum());
        let turns = shares.iter().position(|s| {
            left -= s;
            left < 0.0
        });
        let values = [turns.unwrap_or(VALUES - 1), r.random_range(0..VALUES)];
        out.rows.row_mut(i).copy_from_slice(&seen(image, values, site, r));
        out.sites.push(site as u32);
        out.covariates.push(values);
    }
    out
}

/// An image turned and shrunk, as a site's instrument sees it.
fn seen(image: &[f32], [turns, shrinks]: [usize; 2], site: usize, r: &mut rng::Rng) -> Vec<f32> {
    let [gain, bias, noise] = SITES[site].0;
    let (angle, size) = ((TURN * turns as f32).to_radians(), SHRINK.powi(shrinks as i32));
    let (cos, sin, middle) = (angle.cos() / size, angle.sin() / size, (SIDE as f32 - 1.0) / 2.0);
    let pixel = |x: i32, y: i32| {
        let inside = (0..SIDE as i32).contains(&x) && (0..SIDE as i32).contains(&y);
        if inside { image[y as usize * SIDE + x as usize] } else { 0.0 }
    };
    (0..SIDE * SIDE)
        .map(|i| {
            let (x, y) = ((i % SIDE) as f32 - middle, (i / SIDE) as f32 - middle);
            let (x, y) = (cos * x + sin * y + middle, cos * y - sin * x + middle);
            let (left, top) = (x.floor(), y.floor());
            let (a, b, left, top) = (x - left, y - top, left as i32, top as i32);
            let upper = (1.0 - a) * pixel(left, top) + a * pixel(left + 1, top);
            let lower = (1.0 - a) * pixel(left, top + 1) + a * pixel(left + 1, top + 1);
            gain * ((1.0 - b) * upper + b * lower) + bias + noise * r.random_range(-1.7..1.7f32)
        })
        .collect()
}

/// Accuracy of linear probes for the site and the digit.
fn probed(x: &Vectors, of: &Pooled, ctx: &Context) -> Result<[f64; 2], ClaimError> {
    let half = x.rows() / 2;
    let params = LogisticParams { standardize: true, c: 0.1, ..LogisticParams::default() };
    let one = |labels: &[u32]| {
        let model = logistic(x.view().slice(0, half), &labels[..half], &params, ctx).map_err(ClaimError::failed)?;
        model.accuracy(x.view().slice(half, x.rows()), &labels[half..], ctx).map_err(ClaimError::failed)
    };
    Ok([one(&of.sites)?, one(&of.digits)?])
}

/// For one and two steps of each covariate: the share of images whose moved code is nearer to the true one than the unmoved.
fn moved(
    model: &Harmonized,
    images: &Vectors,
    of: &Pooled,
    codes: &Vectors,
    (r, ctx): (&mut rng::Rng, &Context),
) -> Result<Vec<(String, f64)>, ClaimError> {
    let mut out = Vec::new();
    for (covariate, name) in ["rotation", "scale"].into_iter().enumerate() {
        for step in 1..VALUES {
            let able: Vec<usize> =
                (0..images.rows()).filter(|i| of.covariates[*i][covariate] + step < VALUES).collect();
            let mut steps = [0, 0];
            steps[covariate] = step as i32;
            let mut truth = Vectors::zeros(able.len(), SIDE * SIDE);
            for (to, i) in able.iter().enumerate() {
                let mut values = of.covariates[*i];
                values[covariate] += step;
                truth.row_mut(to).copy_from_slice(&seen(images.row(*i), values, of.sites[*i] as usize, r));
            }
            let truth = model.apply(truth.view(), ctx).map_err(ClaimError::failed)?;
            let here = codes.picked(able.iter().copied());
            let there = model.transport(here.view(), &steps, ctx).map_err(ClaimError::failed)?;
            let nearer = (0..able.len())
                .filter(|i| simd::l2_sq(there.row(*i), truth.row(*i)) < simd::l2_sq(here.row(*i), truth.row(*i)));
            out.push((format!("{name} +{step}"), nearer.count() as f64 / able.len().max(1) as f64));
        }
    }
    Ok(out)
}
