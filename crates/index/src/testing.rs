//! What tests of several indexes share.

use rand::RngExt;
use vectory_core::{Hit, Metric, RowSet, Vectors, VectorsRef, rng};

use crate::flat::Flat;
use crate::search::{Filter, Search, SearchParams};

/// Rows around twenty centres.
pub fn clusters(rows: usize, dim: usize, seed: u64) -> Vectors {
    let mut centres = rng::stream(1, "index test centres");
    let centres: Vec<f32> = (0..20 * dim).map(|_| centres.random_range(-1.0..1.0)).collect();
    let mut r = rng::stream(seed, "index test rows");
    let mut out = Vectors::zeros(rows, dim);
    for i in 0..rows {
        let c = r.random_range(0..20usize) * dim;
        out.row_mut(i).iter_mut().enumerate().for_each(|(j, v)| *v = centres[c + j] + r.random_range(-0.6..0.6));
    }
    out
}

/// The share of the true hits that were found.
pub fn recall(found: &[Vec<Hit>], truth: &[Vec<Hit>]) -> f64 {
    let same = |(f, t): (&Vec<Hit>, &Vec<Hit>)| f.iter().filter(|h| t.iter().any(|x| x.id == h.id)).count();
    found.iter().zip(truth).map(same).sum::<usize>() as f64 / truth.iter().map(Vec::len).sum::<usize>() as f64
}

/// At 1, 5, 10 and 50 %, given as a set and as a test, what is found passes, and recall is at least this.
pub fn assert_filters_keep_recall(
    searcher: &dyn Search,
    (rows, queries): (VectorsRef<'_>, VectorsRef<'_>),
    params: &SearchParams<'_>,
    least: f64,
) {
    for percent in [1u32, 5, 10, 50] {
        let mut draws = rng::stream(u64::from(percent), "index test filter");
        let set = RowSet::that(rows.rows(), |_| draws.random_range(0..100) < percent);
        let test = |id: u32| set.has(id);
        for filter in [Filter::Rows(&set), Filter::Test(&test)] {
            let params = SearchParams { filter: Some(filter), ..*params };
            let flat = Flat::new(rows, Metric::L2);
            let truth: Vec<Vec<Hit>> = queries.iter().map(|q| flat.search(q, &params)).collect();
            let found: Vec<Vec<Hit>> = queries.iter().map(|q| searcher.search(q, &params)).collect();
            assert!(found.iter().all(|hits| hits.len() == params.k && hits.iter().all(|h| set.has(h.id))));
            let recall = recall(&found, &truth);
            assert!(recall >= least, "{percent} %: {recall}");
        }
    }
}
