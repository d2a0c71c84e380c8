//! Residual codes: the nearest centroid, and the difference in a few bits.

use rand::seq::index::sample;
use vectory_core::cluster::{self, Init, KMeansParams};
use vectory_core::{Context, Vectors, VectorsRef, rng};

use super::{ResidualParams, StoreError};

/// The power of two at or below 16·√tokens, and at most the tokens: PLAID's rule.
pub fn centroid_count(tokens: usize, params: &ResidualParams) -> usize {
    let wanted =
        if params.centroids > 0 { params.centroids } else { 1 << ((16.0 * (tokens as f64).sqrt()).log2() as u32) };
    wanted.clamp(1, tokens.max(1))
}

/// Centroids of a sample of the rows.
pub fn train(rows: VectorsRef<'_>, params: &ResidualParams, ctx: &Context) -> Result<Vectors, StoreError> {
    let k = centroid_count(rows.rows(), params);
    let take = (k * params.sample).clamp(k, rows.rows().max(k)).min(rows.rows());
    let mut chosen = sample(&mut rng::stream(ctx.seed, "residual.sample"), rows.rows(), take).into_vec();
    chosen.sort_unstable();
    let mut seen = Vectors::zeros(take, rows.dim());
    chosen.iter().enumerate().for_each(|(to, from)| seen.row_mut(to).copy_from_slice(rows.row(*from)));
    let params = KMeansParams { k, init: Init::Random, max_iterations: params.iterations, ..KMeansParams::default() };
    Ok(cluster::kmeans(seen.view(), &params, ctx)?.centroids)
}

/// Packs codes of `bits` bits, each below 2^bits: byte `j` of `⌈n·bits/8⌉` holds codes j, j + width, j + 2·width …, the first in
/// the low bits. Unpacking is then the same shift for all bytes.
pub fn pack(codes: &[u8], bits: u8, out: &mut [u8]) {
    let width = out.len();
    out.fill(0);
    for (i, code) in codes.iter().enumerate() {
        out[i % width] |= code << (i / width * bits as usize);
    }
}

/// Unpacks a row into bytes that stand for odd numbers around 128: code c of 2^b is 2c + 1 - 2^b. Places past the packed codes
/// are 128, which stands for nothing.
pub fn unpack(packed: &[u8], bits: u8, out: &mut [u8]) {
    let (mask, shift) = ((1u8 << bits) - 1, 129 - (1u8 << bits));
    let mut planes = out.chunks_mut(packed.len().max(1));
    for plane in 0..8 / bits {
        let Some(to) = planes.next() else { return };
        let by = plane * bits;
        to.iter_mut().zip(packed).for_each(|(o, p)| *o = ((p >> by) & mask) * 2 + shift);
    }
    planes.for_each(|rest| rest.fill(128));
}

/// Encodes `row - centroid`: codes into `packed`, returns the scale by which the odd numbers fit it best.
pub fn encode(row: &[f32], centroid: &[f32], bits: u8, scratch: &mut Vec<u8>, packed: &mut [u8]) -> f32 {
    let residual: Vec<f32> = row.iter().zip(centroid).map(|(r, c)| r - c).collect();
    let levels = 1i32 << bits;
    let spread = (residual.iter().map(|v| v * v).sum::<f32>() / residual.len().max(1) as f32).sqrt();
    // The half step that has the least squared error for values of a normal distribution of deviation 1 (Max 1960), then the
    // scale that fits the chosen codes.
    let half = spread
        * match bits {
            1 => 0.798,
            2 => 0.498,
            _ => 0.168,
        };
    let code = |v: f32| (((v / (2.0 * half)).floor() as i32) + levels / 2).clamp(0, levels - 1) as u8;
    scratch.clear();
    scratch.extend(residual.iter().map(|v| if half > 0.0 { code(*v) } else { 0 }));
    pack(scratch, bits, packed);
    if half <= 0.0 {
        return 0.0;
    }
    let odd = |c: u8| (2 * i32::from(c) + 1 - levels) as f32;
    let (mut both, mut own) = (0.0, 0.0);
    for (c, v) in scratch.iter().zip(&residual) {
        both += odd(*c) * v;
        own += odd(*c) * odd(*c);
    }
    both / own
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn unpacked_is_packed(raw in proptest::collection::vec(any::<u8>(), 1..80), which in 0usize..3) {
            let bits = [1u8, 2, 4][which];
            let codes: Vec<u8> = raw.iter().map(|c| c & ((1 << bits) - 1)).collect();
            let mut packed = vec![0; (codes.len() * bits as usize).div_ceil(8)];
            pack(&codes, bits, &mut packed);
            let mut out = vec![7; codes.len().next_multiple_of(4)];
            unpack(&packed, bits, &mut out);
            for (c, o) in codes.iter().zip(&out) {
                prop_assert_eq!(i32::from(*o) - 128, 2 * i32::from(*c) + 1 - (1 << bits));
            }
        }
    }

    #[test]
    fn more_bits_are_nearer_and_no_difference_is_none() {
        let row: Vec<f32> = (0..96).map(|i| ((i * 37 % 101) as f32 - 50.0) / 60.0).collect();
        let zero = vec![0.0; 96];
        let mut errors = Vec::new();
        for bits in [1, 2, 4] {
            let mut packed = vec![0; 96 * bits as usize / 8];
            let scale = encode(&row, &zero, bits, &mut Vec::new(), &mut packed);
            let mut out = vec![0; 96];
            unpack(&packed, bits, &mut out);
            errors.push(out.iter().zip(&row).map(|(o, r)| ((f32::from(*o) - 128.0) * scale - r).powi(2)).sum::<f32>());
            assert_eq!(encode(&row, &row, bits, &mut Vec::new(), &mut packed), 0.0);
        }
        let all: f32 = row.iter().map(|v| v * v).sum();
        assert!(errors[0] < 0.4 * all && errors[1] < 0.14 * all && errors[2] < 0.02 * all, "{errors:?} of {all}");
    }
}
