//! A dense query at the dimensions of a sparse item: the inner loop of scoring.
//!
//! With AVX-512 sixteen values are gathered at a time. The query has a value for each number of 16 bits, so that no dimension needs
//! a check.

/// Values of a query that is as wide as 16 bits reach.
pub const SHORT: usize = 1 << 16;

/// Σ `query[dim] · weight`; both slices are equally long (a longer one is cut).
pub type Product = fn(&[u16], &[u16], &[f32; SHORT]) -> f32;

/// The fastest product of this CPU.
pub fn best() -> Product {
    #[cfg(target_arch = "x86_64")]
    if std::arch::is_x86_feature_detected!("avx512f") && std::arch::is_x86_feature_detected!("avx512bw") {
        return |dims, weights, query| {
            // SAFETY: the CPU was just asked for the features.
            unsafe { avx512::product(dims, weights, query) }
        };
    }
    scalar
}

/// Four chains.
pub fn scalar(dims: &[u16], weights: &[u16], query: &[f32; SHORT]) -> f32 {
    let (four, four_weights) = (dims.as_chunks::<4>(), weights.as_chunks::<4>());
    let mut sums = [0.0f32; 4];
    for (d, w) in four.0.iter().zip(four_weights.0) {
        for l in 0..4 {
            sums[l] += query[usize::from(d[l])] * f32::from(w[l]);
        }
    }
    let rest: f32 = four.1.iter().zip(four_weights.1).map(|(d, w)| query[usize::from(*d)] * f32::from(*w)).sum();
    (sums[0] + sums[1]) + (sums[2] + sums[3]) + rest
}

/// Dimensions beyond 16 bits.
pub fn long(dims: &[u32], weights: &[u16], query: &[f32]) -> f32 {
    dims.iter().zip(weights).map(|(d, w)| query.get(*d as usize).copied().unwrap_or(0.0) * f32::from(*w)).sum()
}

#[cfg(target_arch = "x86_64")]
mod avx512 {
    use std::arch::x86_64::*;

    use super::SHORT;

    #[target_feature(enable = "avx512f,avx512bw")]
    pub fn product(dims: &[u16], weights: &[u16], query: &[f32; SHORT]) -> f32 {
        let n = dims.len().min(weights.len());
        let mut sums = [_mm512_setzero_ps(); 2];
        let mut at = 0;
        while at + 16 <= n {
            // SAFETY: sixteen values from `at` exist on both sides; every index has 16 bits, and the query as many values.
            let (q, w) = unsafe {
                let d = _mm512_cvtepu16_epi32(_mm256_loadu_si256(dims.as_ptr().add(at).cast()));
                let w = _mm512_cvtepu16_epi32(_mm256_loadu_si256(weights.as_ptr().add(at).cast()));
                (_mm512_i32gather_ps::<4>(d, query.as_ptr()), _mm512_cvtepi32_ps(w))
            };
            let sum = &mut sums[at / 16 % 2];
            *sum = _mm512_fmadd_ps(q, w, *sum);
            at += 16;
        }
        let rest: f32 =
            dims[at..n].iter().zip(&weights[at..n]).map(|(d, w)| query[usize::from(*d)] * f32::from(*w)).sum();
        _mm512_reduce_add_ps(_mm512_add_ps(sums[0], sums[1])) + rest
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_instruction_set_equals_scalar(entries in proptest::collection::vec((any::<u16>(), any::<u16>()), 0..90)) {
            let (dims, weights): (Vec<u16>, Vec<u16>) = entries.into_iter().unzip();
            let query: Box<[f32; SHORT]> = (0..SHORT).map(|i| (i * 7919 % 1009) as f32 / 1e6).collect::<Vec<_>>().try_into().unwrap();
            let exact: f64 = dims.iter().zip(&weights).map(|(d, w)| f64::from(query[usize::from(*d)]) * f64::from(*w)).sum();
            let wide: Vec<u32> = dims.iter().map(|d| u32::from(*d)).collect();
            for got in [scalar(&dims, &weights, &query), best()(&dims, &weights, &query), long(&wide, &weights, &query[..])] {
                prop_assert!((f64::from(got) - exact).abs() <= 1e-5 * (1.0 + exact.abs()), "{} {}", got, exact);
            }
        }
    }
}
