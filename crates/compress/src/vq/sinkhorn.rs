//! Balanced assignment: every code gets about as many rows.

use vectory_core::{Context, VectorsRef, simd};

use super::VectorQuantizer;
use crate::codec::check_rows;
use crate::{CodecError, ParamsError};

/// Rounds of scaling rows and columns.
const ROUNDS: usize = 100;

/// The code of each row when codes are to be used evenly: the plan of least cost between rows and codes, smoothed by an entropy
/// of weight `epsilon` (a share of the mean squared distance, 0.01 to 1: less is nearer to the true plan and slower to settle),
/// read off row by row. O(n · codes) memory: for the rows of a level, not for a collection.
///
/// # Errors
/// [`CodecError`]: a parameter, other dimensions, values that are not finite, interrupted.
pub fn balanced(
    vq: &VectorQuantizer,
    rows: VectorsRef<'_>,
    epsilon: f64,
    ctx: &Context,
) -> Result<Vec<u32>, CodecError> {
    if !(epsilon > 0.0 && epsilon.is_finite()) {
        return Err(ParamsError::new("epsilon", epsilon, "above 0").into());
    }
    check_rows(rows, vq.codebook().dim())?;
    let (n, k) = (rows.rows(), vq.codebook().rows());
    let mut costs = vec![0.0f32; n * k];
    for (row, out) in rows.iter().zip(costs.chunks_exact_mut(k)) {
        simd::rows(simd::Op::L2, row, vq.codebook().as_slice(), out);
    }
    let mean = costs.iter().map(|c| f64::from(*c)).sum::<f64>() / (n * k).max(1) as f64;
    let scale = 1.0 / (epsilon * mean.max(1e-300));
    // In logarithms: potentials of rows and codes, so that no weight underflows.
    let (mut of_row, mut of_code) = (vec![0.0f64; n], vec![0.0f64; k]);
    let share = (n as f64 / k as f64).ln();
    for _ in 0..ROUNDS {
        ctx.check()?;
        for (potential, cost) in of_row.iter_mut().zip(costs.chunks_exact(k)) {
            *potential = -log_sum(cost.iter().zip(&of_code).map(|(c, p)| p - scale * f64::from(*c)));
        }
        for (j, potential) in of_code.iter_mut().enumerate() {
            let column = costs.iter().skip(j).step_by(k);
            *potential = share - log_sum(column.zip(&of_row).map(|(c, p)| p - scale * f64::from(*c)));
        }
    }
    let best = |cost: &[f32]| {
        let weight = |j: usize| of_code[j] - scale * f64::from(cost[j]);
        (0..k).fold(0, |b, j| if weight(j) > weight(b) { j } else { b }) as u32
    };
    Ok(costs.chunks_exact(k).map(best).collect())
}

fn log_sum(values: impl Iterator<Item = f64> + Clone) -> f64 {
    let top = values.clone().fold(f64::NEG_INFINITY, f64::max);
    top + values.map(|v| (v - top).exp()).sum::<f64>().ln()
}
