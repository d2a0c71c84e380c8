//! Claim 043: samples' weights add up to the prediction, and taking the weightiest away lowers it.

use std::collections::{BTreeMap, HashMap};

use rand::RngExt;
use rand::seq::{SliceRandom, index};
use vectory_core::linear::{SparseParams, sparse_logistic};
use vectory_core::registry::{Claim, ClaimContext, ClaimError, Method, Outcome};
use vectory_core::{Context, Vectors, rng};
use vectory_transform::claim_data::{each_line, lines};

use super::{LowRank, LowRankParams, Rating, extremes, of_score};

pub(crate) const REPRESENTERS: Method = Method {
    id: "043",
    name: "High-dimensional representers (sample explanations for L1 / nuclear-norm models)",
    home: "inspect",
    kind: "method",
    command: "vectory explain --by-samples V --labels L.txt --row I",
    claim: Some(Claim {
        statement: "On UCI adult the samples' weights add up to an L1 model's score; taking the 20 ratings away that raise a predicted rating most \
                    lowers it more than 20 at random or the 20 of the most similar embeddings",
        threshold: "(a) |sum - score| / |score| <= 1e-3 (95 % of rows; L1 logistic regression); (b) mean fall over 40 pairs after retraining \
                    above both others",
        data: "tabular/adult; ratings/ml-100k/ml-100k.inter where it is there (MovieLens-100k may not be redistributed), else generated ratings of \
               rank 5",
        run,
    }),
};

const PAIRS: usize = 40;
const TAKEN: usize = 20;

fn run(c: &ClaimContext) -> Result<Outcome, ClaimError> {
    let (error, support) = identity(c)?;
    let path = c.data("ratings/ml-100k/ml-100k.inter").ok();
    let ratings = match &path {
        Some(path) => movie_lens(path)?,
        None => generated(c.context.seed),
    };
    let [ours, similar, random] = deletion(&ratings, &c.context).map_err(ClaimError::failed)?;
    Ok(Outcome {
        measured: format!(
            "(a) largest relative error of 95 % of the rows {error:.1e} with {support} weights; (b) {} ratings: the prediction falls by {ours:.4} without \
             the 20 most raising, by {similar:.4} without the 20 most similar, by {random:.4} without 20 at random",
            ratings.len()
        ),
        holds: error <= 1e-3 && ours > similar && ours > random,
        note: if path.is_some() {
            "on MovieLens-100k"
        } else {
            "(b) on generated ratings, for MovieLens-100k is not at hand"
        }
        .into(),
    })
}

/// Relative error that 95 % of the rows stay below, and the number of weights that are not 0.
fn identity(c: &ClaimContext) -> Result<(f64, usize), ClaimError> {
    let (x, labels) = adult(c)?;
    let params = SparseParams { lambda: 0.002, ..SparseParams::default() };
    let model = sparse_logistic(x.view(), &labels, &params, &c.context).map_err(ClaimError::failed)?;
    let mut errors = Vec::new();
    for i in (0..x.rows()).step_by(x.rows() / 200) {
        let parts = of_score(&model, x.view(), params.lambda, x.row(i)).map_err(ClaimError::failed)?;
        let score = model.score(x.row(i)) - model.intercept;
        errors.push((parts.iter().sum::<f64>() - score).abs() / score.abs().max(1e-12));
    }
    errors.sort_by(f64::total_cmp);
    Ok((errors[errors.len() * 95 / 100], model.support().len()))
}

/// Numbers standardised, words as ones and zeros: the first 8,000 rows.
fn adult(c: &ClaimContext) -> Result<(Vectors, Vec<u32>), ClaimError> {
    const NUMBERS: [usize; 6] = [0, 2, 4, 10, 11, 12];
    let all = lines(&c.data("tabular/adult/adult-train.csv.gz")?)?;
    let cells: Vec<Vec<&str>> =
        all.iter().map(|l| l.split(", ").collect()).filter(|r: &Vec<&str>| r.len() == 15).take(8000).collect();
    let mut words: BTreeMap<(usize, &str), usize> = BTreeMap::new();
    for row in &cells {
        (0..14).filter(|j| !NUMBERS.contains(j)).for_each(|j| _ = words.insert((j, row[j]), 0));
    }
    words.values_mut().zip(NUMBERS.len()..).for_each(|(v, i)| *v = i);
    let mut x = Vectors::zeros(cells.len(), NUMBERS.len() + words.len());
    for (at, j) in NUMBERS.into_iter().enumerate() {
        let values: Vec<f64> = cells.iter().map(|r| r[j].parse().unwrap_or(0.0)).collect();
        let mean = values.iter().sum::<f64>() / values.len() as f64;
        let deviation = (values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / values.len() as f64).sqrt();
        values.iter().enumerate().for_each(|(i, v)| x.row_mut(i)[at] = ((v - mean) / deviation) as f32);
    }
    for (i, row) in cells.iter().enumerate() {
        (0..14).filter_map(|j| words.get(&(j, row[j]))).for_each(|at| x.row_mut(i)[*at] = 1.0);
    }
    let labels = cells.iter().map(|r| u32::from(r[14].starts_with('>'))).collect();
    Ok((x, labels))
}

/// `user item rating time`, separated by tabs, after a head.
fn movie_lens(path: &std::path::Path) -> Result<Vec<Rating>, ClaimError> {
    let (mut users, mut items, mut out) = (HashMap::new(), HashMap::new(), Vec::new());
    each_line(path, |line| {
        let mut cells = line.trim().split('\t');
        let (Some(u), Some(i), Some(v)) = (cells.next(), cells.next(), cells.next()) else { return };
        let Ok(value) = v.parse() else { return };
        let next = users.len() as u32;
        let user = *users.entry(u.to_owned()).or_insert(next);
        let next = items.len() as u32;
        let item = *items.entry(i.to_owned()).or_insert(next);
        out.push(Rating { user, item, value });
    })?;
    Ok(out)
}

/// 400 users, 600 items, 24,000 ratings of rank 5 with noise, in whole stars.
fn generated(seed: u64) -> Vec<Rating> {
    let mut r = rng::stream(seed, "claim.043");
    let mut table =
        |n: usize| -> Vec<[f64; 5]> { (0..n).map(|_| std::array::from_fn(|_| r.random_range(-1.0..1.0))).collect() };
    let (users, items) = (table(400), table(600));
    let mut cells: Vec<(u32, u32)> = (0..400).flat_map(|u| (0..600).map(move |i| (u, i))).collect();
    cells.shuffle(&mut r);
    cells.truncate(24_000);
    let value = |(user, item): (u32, u32)| {
        let product: f64 = users[user as usize].iter().zip(&items[item as usize]).map(|(a, b)| a * b).sum();
        Rating { user, item, value: (3.0 + 1.2 * product + r.random_range(-0.5..0.5)).round().clamp(1.0, 5.0) }
    };
    cells.into_iter().map(value).collect()
}

/// Mean fall of the prediction after taking ratings away: the most raising, the most similar, random ones.
fn deletion(ratings: &[Rating], ctx: &Context) -> Result<[f64; 3], vectory_core::linalg::LinalgError> {
    let model = LowRank::fit(ratings, &LowRankParams::default(), ctx)?;
    let mut r = rng::stream(ctx.seed, "claim.043.pairs");
    let mut falls = [0.0; 3];
    for _ in 0..PAIRS {
        let user = r.random_range(0..model.users.rows as u32);
        let item = r.random_range(0..model.items.rows as u32);
        let before = model.predict(user, item);
        let parts = model.of_rating(ratings, user, item);
        let near = |r: &Rating| {
            cosine(model.users.row(r.user as usize), model.users.row(user as usize))
                * cosine(model.items.row(r.item as usize), model.items.row(item as usize))
        };
        let similar: Vec<f64> = ratings.iter().map(near).collect();
        let random = index::sample(&mut r, ratings.len(), TAKEN).into_vec();
        for (fall, gone) in falls.iter_mut().zip([extremes(&parts, TAKEN).0, extremes(&similar, TAKEN).0, random]) {
            let kept: Vec<Rating> =
                ratings.iter().enumerate().filter(|(i, _)| !gone.contains(i)).map(|p| *p.1).collect();
            *fall += (before - model.clone().refit(&kept, 8, ctx)?.predict(user, item)) / PAIRS as f64;
        }
    }
    Ok(falls)
}

fn cosine(a: &[f64], b: &[f64]) -> f64 {
    let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(x, y)| x * y).sum::<f64>();
    dot(a, b) / (dot(a, a) * dot(b, b)).sqrt().max(1e-12)
}
