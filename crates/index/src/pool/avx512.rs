//! AVX-512: the whole list in registers.
#![allow(unsafe_op_in_unsafe_fn, reason = "the one function states its contract")]

use std::arch::x86_64::*;

use super::BLOCK;

/// See [`super::Insert`]; `keys` are whole blocks.
#[target_feature(enable = "avx512f")]
pub unsafe fn insert(keys: &mut [u64], new: &[u64]) -> usize {
    match keys.len() / BLOCK {
        1 => held::<1>(keys, new),
        2 => held::<2>(keys, new),
        3 => held::<3>(keys, new),
        4 => held::<4>(keys, new),
        5 => held::<5>(keys, new),
        6 => held::<6>(keys, new),
        7 => held::<7>(keys, new),
        8 => held::<8>(keys, new),
        9 => held::<9>(keys, new),
        10 => held::<10>(keys, new),
        11 => held::<11>(keys, new),
        12 => held::<12>(keys, new),
        13 => held::<13>(keys, new),
        _ => super::plain::insert(keys, new),
    }
}

/// In a list in falling order, each place holds after an insertion the larger of its own key and of the smaller one of the
/// new key and of its neighbour's before: no comparison decides where to go on.
#[inline(always)]
unsafe fn held<const N: usize>(keys: &mut [u64], new: &[u64]) -> usize {
    debug_assert!(keys.len() == N * BLOCK);
    let (all, open) = (_mm512_set1_epi64(-1), _mm512_set1_epi64(1));
    let mut list = [_mm512_setzero_si512(); N];
    for b in 0..N {
        list[b] = _mm512_loadu_si512(keys.as_ptr().add(b * BLOCK).cast());
    }
    let before = list;
    for key in new {
        let key = _mm512_set1_epi64(*key as i64);
        let mut same = 0;
        for b in 0..N {
            same |= _mm512_cmpeq_epi64_mask(_mm512_or_si512(before[b], open), key);
        }
        // A key that is there already becomes the smallest one, which goes nowhere. (New ones differ from each other.)
        let key = _mm512_maskz_mov_epi64(if same == 0 { 0xFF } else { 0 }, key);
        for b in (1..N).rev() {
            let shifted = _mm512_alignr_epi64::<7>(list[b], list[b - 1]);
            list[b] = _mm512_max_epu64(list[b], _mm512_min_epu64(shifted, key));
        }
        let shifted = _mm512_alignr_epi64::<7>(list[0], all);
        list[0] = _mm512_max_epu64(list[0], _mm512_min_epu64(shifted, key));
    }
    let mut is_open = 0u128;
    for b in 0..N {
        _mm512_storeu_si512(keys.as_mut_ptr().add(b * BLOCK).cast(), list[b]);
        is_open |= u128::from(_mm512_test_epi64_mask(list[b], open)) << (b * BLOCK);
    }
    is_open.trailing_zeros() as usize
}
