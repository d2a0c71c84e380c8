//! The inner loop: a sum of scaled int8 rows.

/// Values kept in registers at a time.
const BLOCK: usize = 32;

/// Sets `out` to the sum of `scales[id] · rows[id]` over `ids`; `rows` holds int8 rows of `out.len()` values.
///
/// The values of one block stay in registers over all ids: no loads or stores of sums. Each sum is taken in the order of
/// `ids`, so that the result does not depend on the machine.
pub(super) fn sum_rows(rows: &[i8], scales: &[f32], ids: &[u32], out: &mut [f32]) {
    let dim = out.len();
    for (b, block) in out.chunks_mut(BLOCK).enumerate() {
        let offset = b * BLOCK;
        if let Some(block) = block.first_chunk_mut::<BLOCK>() {
            let mut sums = [0.0f32; BLOCK];
            for &id in ids {
                let at = id as usize * dim + offset;
                let Some(row) = rows[at..].first_chunk::<BLOCK>() else { continue };
                add(&mut sums, row, scales[id as usize]);
            }
            *block = sums;
        } else {
            block.fill(0.0);
            for &id in ids {
                let at = id as usize * dim + offset;
                let scale = scales[id as usize];
                block.iter_mut().zip(&rows[at..at + dim - offset]).for_each(|(s, v)| *s += scale * f32::from(*v));
            }
        }
    }
}

#[inline(always)]
fn add(sums: &mut [f32; BLOCK], row: &[i8; BLOCK], scale: f32) {
    for i in 0..BLOCK {
        sums[i] += scale * f32::from(row[i]);
    }
}

/// Scales a row to unit length; a zero row stays zero. Sixteen partial sums in a fixed order: fast, and the same anywhere.
pub(super) fn normalize(row: &mut [f32]) {
    let mut lanes = [0.0f32; 16];
    let mut chunks = row.chunks_exact(16);
    for chunk in &mut chunks {
        for (lane, v) in lanes.iter_mut().zip(chunk) {
            *lane += v * v;
        }
    }
    let rest: f32 = chunks.remainder().iter().map(|v| v * v).sum();
    let norm = (f64::from(rest) + lanes.iter().map(|l| f64::from(*l)).sum::<f64>()).sqrt();
    if norm > 0.0 {
        let scale = (1.0 / norm) as f32;
        row.iter_mut().for_each(|v| *v *= scale);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_equal_the_plain_loop() {
        for dim in [1, 31, 32, 33, 100, 256] {
            let rows: Vec<i8> = (0..7 * dim).map(|i| (i * 37 % 255) as u8 as i8).collect();
            let scales: Vec<f32> = (0..7).map(|i| 0.25 + i as f32).collect();
            let ids = [3, 0, 6, 3];
            let mut out = vec![9.0; dim];
            sum_rows(&rows, &scales, &ids, &mut out);
            for j in 0..dim {
                let plain =
                    ids.iter().fold(0.0, |s, &i| s + scales[i as usize] * f32::from(rows[i as usize * dim + j]));
                assert_eq!(out[j], plain);
            }
            sum_rows(&rows, &scales, &[], &mut out);
            assert!(out.iter().all(|v| *v == 0.0));
        }
    }

    #[test]
    fn unit_length_or_zero() {
        let mut row: Vec<f32> = (0..50).map(|i| i as f32 - 20.0).collect();
        normalize(&mut row);
        let norm: f32 = row.iter().map(|v| v * v).sum();
        assert!((norm - 1.0).abs() < 1e-6);
        let mut zero = [0.0; 20];
        normalize(&mut zero);
        assert_eq!(zero, [0.0; 20]);
    }
}
