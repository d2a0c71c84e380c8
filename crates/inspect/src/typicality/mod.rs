//! Which rows of a labelled set are typical and which lie at its margin, by five ways that need nothing but the set itself
//! (Carlini, Erlingsson and Papernot, *Distribution density, tails, and outliers in machine learning*, 2019).
//!
//! On frozen vectors, with logistic models (or small nets, [`TypicalityParams::nets`]): how far a row is from the decision boundary (`adv`, in closed form), how little a
//! model without it says otherwise (`ret`), how much models agree on it (`agr`), how sure they are of its label (`conf`), and
//! how soon a model that may tell little about any single row gets it right (`priv`). Each becomes a rank in [0, 1], 1 the most
//! typical. Rows that all five call marginal are likely label errors or broken; rows that the ordinary model has learned but
//! `ret` and `priv` have not are memorised exceptions; groups among them are kinds of their own.
//!
//! Use it to clean labels, to pick examples to show, to order a curriculum. Cost: 2 + `models` logistic regressions and
//! `runs` · `budgets` · `steps` passes over the rows.

mod claim;
mod models;
mod net;
mod params;
mod private;
mod report;
#[cfg(test)]
mod tests;

pub use params::{NetParams, TypicalityParams};
pub use report::report;

use vectory_core::Context;
use vectory_core::cluster::{HdbscanParams, hdbscan};
use vectory_core::stats::{ranks, spearman};
use vectory_evaluate::protocols::Labelled;

use crate::InspectError;

pub(crate) use claim::PROTOTYPICALITY;

/// The five ways, in the order of [`Typicality::ranks`].
pub const WAYS: [&str; 5] = ["adv", "ret", "agr", "conf", "priv"];

/// The five ranks of every row.
#[derive(Clone, Debug, PartialEq)]
pub struct Typicality {
    /// By way and row: 0 the most marginal, 1 the most typical; equals share their mean rank.
    pub ranks: [Vec<f64>; 5],
    /// The mean probability of each row's own label.
    pub confidence: Vec<f64>,
    /// Spearman's correlation of the ways over all rows; NaN where a way tells nothing apart.
    pub correlation: [[f64; 5]; 5],
    /// The mean over classes of the correlation within a class: what easy and hard classes do not explain.
    pub within: [[f64; 5]; 5],
}

/// Measures every row of a labelled set.
///
/// # Errors
/// [`InspectError`] for parameters out of range, fewer than ten rows, a class of one row, values that are not finite, or an
/// interrupt.
pub fn typicality(set: &Labelled, params: &TypicalityParams, ctx: &Context) -> Result<Typicality, InspectError> {
    params.check()?;
    let x = set.rows.view();
    if x.rows() < 10 || x.dim() == 0 {
        return Err(InspectError::Empty { rows: x.rows(), dim: x.dim(), usable: x.rows() });
    }
    let progress = ctx.progress();
    progress.begin("typicality", Some(4), "ways");
    let own = models::standard(x, ctx)?;
    let rows = own.view();
    let adv = models::margins(rows, set, params, ctx)?;
    progress.advance(1);
    let ret = models::retrained(rows, set, params, ctx)?;
    progress.advance(1);
    let (agr, confidence) = models::ensemble(rows, set, params, ctx)?;
    progress.advance(1);
    let private = private::earliest(rows, set, params, ctx)?;
    progress.end();
    let raw = [adv, ret, agr, confidence.clone(), private];
    let by_rank = raw.map(|v| unit_ranks(&v));
    let all: Vec<usize> = (0..x.rows()).collect();
    let correlation = correlations(&by_rank, &all);
    let within = within(&by_rank, set);
    Ok(Typicality { ranks: by_rank, confidence, correlation, within })
}

/// Ranks from 0 to 1.
fn unit_ranks(values: &[f64]) -> Vec<f64> {
    let last = (values.len() - 1).max(1) as f64;
    ranks(values).into_iter().map(|r| (r - 1.0) / last).collect()
}

fn correlations(by_rank: &[Vec<f64>; 5], rows: &[usize]) -> [[f64; 5]; 5] {
    let picked = by_rank.each_ref().map(|r| rows.iter().map(|i| r[*i]).collect::<Vec<f64>>());
    std::array::from_fn(|a| {
        std::array::from_fn(|b| if a == b { 1.0 } else { spearman(&picked[a], &picked[b]).unwrap_or(f64::NAN) })
    })
}

fn within(by_rank: &[Vec<f64>; 5], set: &Labelled) -> [[f64; 5]; 5] {
    let (mut sum, mut count) = ([[0.0; 5]; 5], [[0.0f64; 5]; 5]);
    for class in 0..set.classes() as u32 {
        let rows: Vec<usize> = (0..set.labels.len()).filter(|i| set.labels[*i] == class).collect();
        let found = correlations(by_rank, &rows);
        for (a, b) in (0..25).map(|i| (i / 5, i % 5)).filter(|(a, b)| found[*a][*b].is_finite()) {
            sum[a][b] += found[a][b];
            count[a][b] += 1.0;
        }
    }
    std::array::from_fn(|a| std::array::from_fn(|b| sum[a][b] / count[a][b]))
}

impl Typicality {
    /// The mean of the five ranks of each row.
    #[must_use]
    pub fn mean(&self) -> Vec<f64> {
        (0..self.confidence.len()).map(|i| self.ranks.iter().map(|r| r[i]).sum::<f64>() / 5.0).collect()
    }

    /// All rows, the most typical first.
    #[must_use]
    pub fn order(&self) -> Vec<usize> {
        descending(&self.mean())
    }

    /// Rows that the ordinary models got right with confidence, but that only rows like themselves teach: high `adv` and `conf`,
    /// low `ret` and `priv`; the clearest first.
    #[must_use]
    pub fn memorised(&self) -> Vec<usize> {
        let [adv, ret, _, conf, private] = &self.ranks;
        let gap: Vec<f64> =
            (0..conf.len()).map(|i| f64::midpoint(adv[i], conf[i]) - f64::midpoint(ret[i], private[i])).collect();
        descending(&gap).into_iter().filter(|i| gap[*i] > 0.25).collect()
    }

    /// Rows whose own label is improbable: most likely wrong labels, the least probable first.
    #[must_use]
    pub fn doubtful(&self) -> Vec<usize> {
        let doubt: Vec<f64> = self.confidence.iter().map(|c| -c).collect();
        descending(&doubt).into_iter().filter(|i| self.confidence[*i] < 0.5).collect()
    }

    /// Groups of rows of one class that are learned late (`priv` in its lowest quarter) but with confidence: uncommon kinds.
    ///
    /// # Errors
    /// [`InspectError`] for rows that cannot be grouped, or an interrupt.
    pub fn kinds(&self, set: &Labelled, ctx: &Context) -> Result<Vec<Vec<usize>>, InspectError> {
        const FEWEST: usize = 10;
        let mut out = Vec::new();
        for class in 0..set.classes() as u32 {
            let late = |i: &usize| set.labels[*i] == class && self.ranks[4][*i] < 0.25;
            let rows: Vec<usize> = (0..set.labels.len()).filter(late).collect();
            if rows.len() < 2 * FEWEST {
                continue;
            }
            let params = HdbscanParams { min_cluster_size: FEWEST, ..HdbscanParams::default() };
            let found =
                hdbscan(set.rows.picked(rows.iter().copied()).view(), &params, ctx).map_err(InspectError::compute)?;
            for group in 0..found.clusters() as u32 {
                let members: Vec<usize> =
                    rows.iter().zip(&found.labels).filter(|p| *p.1 == Some(group)).map(|p| *p.0).collect();
                let sure = members.iter().map(|i| self.confidence[*i]).sum::<f64>() / members.len() as f64;
                if sure > 0.7 {
                    out.push(members);
                }
            }
        }
        out.sort_by_key(|m: &Vec<usize>| std::cmp::Reverse(m.len()));
        Ok(out)
    }
}

/// Positions by falling value; of equals the earlier first.
fn descending(values: &[f64]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|a, b| values[*b].total_cmp(&values[*a]).then(a.cmp(b)));
    order
}
