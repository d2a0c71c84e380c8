//! A linear structural equation model, and environments that intervene on some of its places.

use rand::RngExt;
use rand::seq::index;
use vectory_core::rng;
use vectory_linalg::Mat;

use super::Environment;

/// What is generated.
#[derive(Clone, Copy, Debug)]
pub struct WorldParams {
    /// Columns besides the target.
    pub dim: usize,
    /// Columns whose equations environments change.
    pub sites: usize,
    /// Most causes of a node.
    pub parents: usize,
}

/// Equations in causal order; node `target` is what is predicted.
#[derive(Clone, Debug)]
pub struct World {
    /// Causes of each node with their coefficients.
    equations: Vec<Vec<(usize, f64)>>,
    target: usize,
    sites: Vec<usize>,
}

impl World {
    /// A random acyclic model; the target stands in the middle of the order, and about half of the sites depend on it.
    #[must_use]
    pub fn new(params: &WorldParams, seed: u64) -> Self {
        let mut r = rng::stream(seed, "invariance.world");
        let (n, target) = (params.dim + 1, params.dim / 2);
        let mut equations: Vec<Vec<(usize, f64)>> = (0..n)
            .map(|i| {
                let count = params.parents.min(i);
                let chosen = index::sample(&mut r, i, count).into_vec();
                chosen.into_iter().map(|p| (p, sign(&mut r) * r.random_range(0.3..0.8))).collect()
            })
            .collect();
        let sites: Vec<usize> = (1..=params.sites).map(|s| (target + s) % n).filter(|s| *s != target).collect();
        for s in sites.iter().filter(|s| **s > target) {
            if !equations[*s].iter().any(|p| p.0 == target) {
                equations[*s].push((target, sign(&mut r) * r.random_range(0.3..0.8)));
            }
        }
        Self { equations, target, sites }
    }

    /// Sites as columns.
    #[must_use]
    pub fn columns_of_sites(&self) -> Vec<usize> {
        self.sites.iter().map(|s| self.column(*s)).collect()
    }

    fn column(&self, node: usize) -> usize {
        if node > self.target { node - 1 } else { node }
    }

    /// Exact moments of an environment: at one site drawn out of all, coefficients are scaled and the noise changes its size.
    #[must_use]
    pub fn environment(&self, seed: u64, number: u64) -> Environment {
        let mut r = rng::item(seed, "invariance.environment", number);
        let n = self.equations.len();
        let site = self.sites.get(r.random_range(0..self.sites.len().max(1))).copied();
        let (factor, noise) = (r.random_range(-1.5..1.5), r.random_range(0.5..2.0));
        // Each node as a sum of independent noises, in causal order.
        let mut of = Mat::zeros(n, n);
        for i in 0..n {
            let changed = site == Some(i);
            for (p, c) in &self.equations[i] {
                let c = if changed { c * factor } else { *c };
                for j in 0..i {
                    let add = c * of.at(*p, j);
                    of.row_mut(i)[j] += add;
                }
            }
            of.row_mut(i)[i] += if changed { noise } else { 1.0 };
        }
        let product = |a: usize, b: usize| of.row(a).iter().zip(of.row(b)).map(|(x, y)| x * y).sum::<f64>();
        let nodes: Vec<usize> = (0..n).filter(|i| *i != self.target).collect();
        Environment {
            xx: Mat::from_fn(n - 1, n - 1, |i, j| product(nodes[i], nodes[j])),
            xy: nodes.iter().map(|i| product(*i, self.target)).collect(),
            yy: product(self.target, self.target),
        }
    }
}

fn sign(r: &mut rng::Rng) -> f64 {
    if r.random::<bool>() { 1.0 } else { -1.0 }
}
