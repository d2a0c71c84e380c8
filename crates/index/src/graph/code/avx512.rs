//! AVX-512 with VNNI: sixteen rows side by side.
#![allow(unsafe_op_in_unsafe_fn, reason = "`Job` states the contract once")]

use std::arch::x86_64::*;

use super::kernel::{BATCH, Job};

/// As all kernels: see [`Job`].
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512dq,avx512vnni,avx2,fma")]
pub unsafe fn scores(job: &Job<'_>, out: &mut [f32; BATCH]) -> u64 {
    let (offset, scale) = (_mm512_set1_ps(job.query.offset), _mm512_set1_ps(job.query.scale));
    let floor = _mm512_set1_ps(job.floor);
    let mut above = 0;
    for (block, ids) in job.ids.chunks(16).enumerate() {
        let base = job.codes.as_ptr();
        let mut records = [base; 16];
        for (r, record) in records.iter_mut().enumerate() {
            // Places without a row repeat the last one: their scores are not looked at.
            *record = base.add(*ids.get_unchecked(r.min(ids.len() - 1)) as usize * job.stride);
        }
        let sums = sums(job, &records);
        let (steps, biases) = numbers(&records, job.stride - 8);
        let whole = _mm512_mul_ps(_mm512_sub_ps(_mm512_cvtepi32_ps(sums), offset), scale);
        let score = _mm512_fmsub_ps(whole, steps, biases);
        let there = (1u32 << ids.len()) - 1;
        _mm512_mask_storeu_ps(out.as_mut_ptr().add(16 * block), there as u16, score);
        let good = _mm512_mask_cmp_ps_mask::<_CMP_GT_OQ>(there as u16, score, floor);
        above |= u64::from(good) << (16 * block);
    }
    above
}

/// The integer sum of each of sixteen records.
#[inline(always)]
unsafe fn sums(job: &Job<'_>, records: &[*const u8; 16]) -> __m512i {
    let nibble = _mm512_set1_epi8(15);
    let mut acc = [_mm512_setzero_si512(); 16];
    let mut at = 0;
    while at < job.stride - 8 {
        let low = _mm512_loadu_si512(job.query.low.as_ptr().add(at).cast());
        let high = _mm512_loadu_si512(job.query.high.as_ptr().add(at).cast());
        for r in 0..16 {
            let x = _mm512_loadu_si512(records[r].add(at).cast());
            acc[r] = _mm512_dpbusd_epi32(acc[r], _mm512_and_si512(x, nibble), low);
            acc[r] = _mm512_dpbusd_epi32(acc[r], _mm512_and_si512(_mm512_srli_epi16::<4>(x), nibble), high);
        }
        at += 64;
    }
    fold(&acc)
}

/// Adds up the lanes of sixteen registers: sum r lands in lane r. (Macros, for closures do not take on the instruction set.)
#[inline(always)]
unsafe fn fold(x: &[__m512i; 16]) -> __m512i {
    macro_rules! pair {
        ($a:expr, $b:expr) => {
            _mm512_add_epi32(_mm512_unpacklo_epi32($a, $b), _mm512_unpackhi_epi32($a, $b))
        };
    }
    macro_rules! four {
        ($i:literal) => {{
            let (p, q) = (pair!(x[$i], x[$i + 1]), pair!(x[$i + 2], x[$i + 3]));
            _mm512_add_epi32(_mm512_unpacklo_epi64(p, q), _mm512_unpackhi_epi64(p, q))
        }};
    }
    macro_rules! halves {
        ($a:expr, $b:expr) => {{
            let (a, b) = ($a, $b);
            _mm512_add_epi32(_mm512_shuffle_i32x4::<0x88>(a, b), _mm512_shuffle_i32x4::<0xDD>(a, b))
        }};
    }
    halves!(halves!(four!(0), four!(4)), halves!(four!(8), four!(12)))
}

/// The two numbers of each of sixteen records.
#[inline(always)]
unsafe fn numbers(records: &[*const u8; 16], at: usize) -> (__m512, __m512) {
    let mut both = [0u64; 16];
    for (b, record) in both.iter_mut().zip(records) {
        *b = record.add(at).cast::<u64>().read_unaligned();
    }
    let (a, b) = (_mm512_loadu_ps(both.as_ptr().cast()), _mm512_loadu_ps(both.as_ptr().add(8).cast()));
    let even = _mm512_setr_epi32(0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);
    let odd = _mm512_setr_epi32(1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31);
    (_mm512_permutex2var_ps(a, even, b), _mm512_permutex2var_ps(a, odd, b))
}
