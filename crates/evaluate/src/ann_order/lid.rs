//! Local intrinsic dimension.

use vectory_core::neighbors::{NeighborsError, exact_self};
use vectory_core::{Context, Metric, VectorsRef};

/// LID of each row from its `k` nearest others by l2: −1 / mean ln(rᵢ / r_k). Rows whose neighbours are all copies, or all at
/// one distance, have no estimate and get the mean of the others (0 where there is none).
///
/// # Errors
/// When interrupted.
pub fn lid(rows: VectorsRef<'_>, k: usize, ctx: &Context) -> Result<Vec<f64>, NeighborsError> {
    let found = exact_self(rows, Metric::L2, k, ctx)?;
    let one = |hits: &Vec<vectory_core::Hit>| {
        let r: Vec<f64> = hits.iter().map(|h| f64::from(-h.score).max(0.0).sqrt()).filter(|r| *r > 0.0).collect();
        let last = *r.last()?;
        let mean = r.iter().map(|r| (r / last).ln()).sum::<f64>() / r.len() as f64;
        (mean < 0.0).then(|| -1.0 / mean)
    };
    let known: Vec<Option<f64>> = found.iter().map(one).collect();
    let count = known.iter().flatten().count();
    let mean = known.iter().flatten().sum::<f64>() / count.max(1) as f64;
    Ok(known.into_iter().map(|l| l.unwrap_or(mean)).collect())
}

#[cfg(test)]
mod tests {
    use rand::RngExt;
    use vectory_core::{Vectors, rng};

    use super::*;

    #[test]
    fn a_sheet_has_its_own_dimension() {
        let ctx = Context::new(1, 2).unwrap();
        for m in [2usize, 5] {
            let mut r = rng::stream(m as u64, "lid test");
            let mut v = Vectors::zeros(2000, 20);
            for i in 0..2000 {
                v.row_mut(i)[..m].iter_mut().for_each(|x| *x = r.random());
            }
            let all = lid(v.view(), 50, &ctx).unwrap();
            let mean = all.iter().sum::<f64>() / 2000.0;
            assert!((mean / m as f64 - 1.0).abs() < 0.2, "{m}: {mean}");
        }
        assert_eq!(lid(Vectors::zeros(5, 3).view(), 3, &ctx).unwrap(), [0.0; 5], "copies have no dimension");
    }
}
