//! A low-rank model of ratings and what each rating adds to a prediction.

use rand::RngExt;
use rayon::prelude::*;
use vectory_core::linalg::{LinalgError, Mat, cholesky_solve, qr_thin, svd_thin};
use vectory_core::{Context, rng};
use vectory_linalg::{matmul, transpose};

/// A user, an item, a value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rating {
    /// From 0.
    pub user: u32,
    /// From 0.
    pub item: u32,
    /// Any number; only differences from the mean count.
    pub value: f64,
}

/// What [`LowRank::fit`] is told.
#[derive(Clone, Debug, PartialEq)]
pub struct LowRankParams {
    /// Most directions (1 or more).
    pub rank: usize,
    /// Strength of the nuclear-norm penalty on the mean squared error / 2, above 0.
    pub lambda: f64,
    /// Rounds of alternating least squares (1 or more).
    pub rounds: usize,
}

impl Default for LowRankParams {
    fn default() -> Self {
        Self { rank: 8, lambda: 1e-4, rounds: 200 }
    }
}

/// mean + P Qᵀ, by (1 / 2n) Σ (rating − prediction)² + lambda (|P|² + |Q|²) / 2, whose least value is that with lambda times the
/// nuclear norm of P Qᵀ (Srebro, Rennie and Jaakkola 2004). Factors are balanced: P = U √S, Q = V √S.
#[derive(Clone, Debug, PartialEq)]
pub struct LowRank {
    /// Added to every prediction.
    pub mean: f64,
    /// users × rank.
    pub users: Mat,
    /// items × rank.
    pub items: Mat,
    /// Singular values of P Qᵀ, descending.
    pub values: Vec<f64>,
    lambda: f64,
}

impl LowRank {
    /// Fits ratings by alternating least squares. O(rounds · (n r² + (users + items) r³)).
    ///
    /// # Errors
    /// [`LinalgError::Param`] out of range, [`LinalgError::TooFew`] for no ratings, [`LinalgError::NonFinite`],
    /// [`LinalgError::Cancelled`].
    pub fn fit(ratings: &[Rating], params: &LowRankParams, ctx: &Context) -> Result<Self, LinalgError> {
        let bad = |field, value: String, legal| Err(LinalgError::Param { field, value, legal });
        if params.rank == 0 || params.rounds == 0 {
            return bad("rank and rounds", format!("{} and {}", params.rank, params.rounds), "1 or more");
        }
        if !(params.lambda > 0.0 && params.lambda.is_finite()) {
            return bad("lambda", params.lambda.to_string(), "above 0, finite");
        }
        if let Some(row) = ratings.iter().position(|r| !r.value.is_finite()) {
            return Err(LinalgError::NonFinite { row, dim: 2 });
        }
        let most = |f: fn(&Rating) -> u32| ratings.iter().map(f).max().map(|m| m as usize + 1);
        let (Some(users), Some(items)) = (most(|r| r.user), most(|r| r.item)) else {
            return Err(LinalgError::TooFew { needed: 1, rows: 0 });
        };
        let mut r = rng::stream(ctx.seed, "low rank");
        let mut start = |n: usize| Mat::from_fn(n, params.rank, |_, _| r.random_range(-0.3..0.3));
        let mean = ratings.iter().map(|r| r.value).sum::<f64>() / ratings.len() as f64;
        let (users, items) = (start(users), start(items));
        Self { mean, users, items, values: vec![], lambda: params.lambda }.refit(ratings, params.rounds, ctx)
    }

    /// The same model on other ratings of the same users and items, going on from where it is.
    ///
    /// # Errors
    /// As [`LowRank::fit`].
    pub fn refit(mut self, ratings: &[Rating], rounds: usize, ctx: &Context) -> Result<Self, LinalgError> {
        let lists = |n: usize, key: fn(&Rating) -> (u32, u32)| {
            let mut out = vec![Vec::new(); n];
            ratings.iter().for_each(|r| {
                let (own, other) = key(r);
                out[own as usize].push((other as usize, r.value - self.mean));
            });
            out
        };
        let by_user = lists(self.users.rows, |r| (r.user, r.item));
        let by_item = lists(self.items.rows, |r| (r.item, r.user));
        let ridge = self.lambda * ratings.len() as f64;
        for _ in 0..rounds {
            self.users = side(&by_user, &self.items, ridge, ctx)?;
            self.items = side(&by_item, &self.users, ridge, ctx)?;
        }
        self.balance()?;
        Ok(self)
    }

    /// Turns the factors so that P = U √S and Q = V √S.
    fn balance(&mut self) -> Result<(), LinalgError> {
        let (p, q) = (qr_thin(&self.users)?, qr_thin(&self.items)?);
        let svd = svd_thin(&matmul(&p.r, &transpose(&q.r))?)?;
        let roots = |side: Mat| Mat::from_fn(side.rows, side.cols, |i, j| side.at(i, j) * svd.s[j].max(0.0).sqrt());
        self.users = roots(matmul(&p.q, &svd.u)?);
        self.items = roots(matmul(&q.q, &transpose(&svd.vt))?);
        self.values = svd.s;
        Ok(())
    }

    /// The predicted rating. Panics for a user or an item that was not fitted, as slices do.
    #[must_use]
    pub fn predict(&self, user: u32, item: u32) -> f64 {
        self.mean + dot(self.users.row(user as usize), self.items.row(item as usize))
    }

    /// What each rating fitted on adds to the prediction for a user and an item; their sum is the prediction less the mean.
    #[must_use]
    pub fn of_rating(&self, ratings: &[Rating], user: u32, item: u32) -> Vec<f64> {
        // Directions that the penalty has emptied say nothing.
        let floor = self.values.first().map_or(0.0, |v| v * 1e-9);
        let through = |row: &[f64]| -> Vec<f64> {
            row.iter().zip(&self.values).map(|(v, s)| if *s > floor { v / s.sqrt() } else { 0.0 }).collect()
        };
        let (u, v) = (through(self.users.row(user as usize)), through(self.items.row(item as usize)));
        let scale = 1.0 / (ratings.len() as f64 * self.lambda);
        let one = |r: &Rating| {
            let residual = r.value - self.predict(r.user, r.item);
            scale * residual * dot(self.users.row(r.user as usize), &u) * dot(self.items.row(r.item as usize), &v)
        };
        ratings.iter().map(one).collect()
    }
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(x, y)| x * y).sum()
}

/// Ridge regression of each row of one side on the other side; rows without ratings become 0.
fn side(lists: &[Vec<(usize, f64)>], other: &Mat, ridge: f64, ctx: &Context) -> Result<Mat, LinalgError> {
    ctx.check()?;
    let k = other.cols;
    let one = |list: &Vec<(usize, f64)>| -> Result<Vec<f64>, LinalgError> {
        if list.is_empty() {
            return Ok(vec![0.0; k]);
        }
        let mut gram = Mat::from_fn(k, k, |i, j| if i == j { ridge } else { 0.0 });
        let mut right = Mat::zeros(k, 1);
        for (id, value) in list {
            let row = other.row(*id);
            for i in 0..k {
                right.data[i] += row[i] * value;
                gram.row_mut(i)[..=i].iter_mut().zip(row).for_each(|(g, v)| *g += row[i] * v);
            }
        }
        Ok(cholesky_solve(&gram, &right)?.data)
    };
    let rows: Vec<Vec<f64>> = ctx.pool().install(|| lists.par_iter().map(one).collect::<Result<_, LinalgError>>())?;
    Ok(Mat::new(lists.len(), k, rows.concat())?)
}
