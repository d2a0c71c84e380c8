//! AVX2 with FMA and F16C: 8 lanes.
#![allow(unsafe_op_in_unsafe_fn, reason = "`Lanes` states the contract once")]

use std::arch::asm;
use std::arch::x86_64::*;
use std::sync::atomic::AtomicU64;

use super::lanes::{Bytes, Lanes, newton_rsqrt};

pub(super) type F = __m256;

#[inline(always)]
unsafe fn first(n: usize) -> __m256i {
    let lanes = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
    _mm256_cmpgt_epi32(_mm256_set1_epi32(n as i32), lanes)
}

/// The upper half added to the lower.
#[inline(always)]
unsafe fn fold(x: __m256) -> __m128 {
    _mm_add_ps(_mm256_castps256_ps128(x), _mm256_extractf128_ps::<1>(x))
}

/// [a0 + a2, b0 + b2, a1 + a3, b1 + b3].
#[inline(always)]
unsafe fn meet(a: __m128, b: __m128) -> __m128 {
    _mm_add_ps(_mm_unpacklo_ps(a, b), _mm_unpackhi_ps(a, b))
}

super::shells::shared_moves! {__m256, ymm_reg, "avx"}

impl Lanes for __m256 {
    const N: usize = 8;
    #[inline(always)]
    unsafe fn zero() -> Self {
        _mm256_setzero_ps()
    }
    #[inline(always)]
    unsafe fn splat(v: f32) -> Self {
        _mm256_set1_ps(v)
    }
    #[inline(always)]
    unsafe fn load(p: *const f32) -> Self {
        _mm256_loadu_ps(p)
    }
    #[inline(always)]
    unsafe fn load_first(p: *const f32, n: usize) -> Self {
        _mm256_maskload_ps(p, first(n))
    }
    #[inline(always)]
    unsafe fn store(self, p: *mut f32) {
        _mm256_storeu_ps(p, self);
    }
    #[inline(always)]
    unsafe fn store_first(self, p: *mut f32, n: usize) {
        _mm256_maskstore_ps(p, first(n), self);
    }
    #[inline(always)]
    unsafe fn add(self, o: Self) -> Self {
        _mm256_add_ps(self, o)
    }
    #[inline(always)]
    unsafe fn sub(self, o: Self) -> Self {
        _mm256_sub_ps(self, o)
    }
    #[inline(always)]
    unsafe fn abs(self) -> Self {
        _mm256_andnot_ps(_mm256_set1_ps(-0.0), self)
    }
    #[inline(always)]
    unsafe fn max(self, o: Self) -> Self {
        _mm256_max_ps(self, o)
    }
    #[inline(always)]
    unsafe fn mul_add(self, b: Self, c: Self) -> Self {
        _mm256_fmadd_ps(self, b, c)
    }
    #[inline(always)]
    unsafe fn rsqrt(self) -> Self {
        newton_rsqrt(self, _mm256_rsqrt_ps(self))
    }
    #[inline(always)]
    unsafe fn sum(self) -> f32 {
        let x = fold(self);
        let x = _mm_add_ps(x, _mm_movehl_ps(x, x));
        _mm_cvtss_f32(_mm_add_ss(x, _mm_movehdup_ps(x)))
    }
    #[inline(always)]
    unsafe fn sum4(x: [Self; 4]) -> [f32; 4] {
        let (ab, cd) = (meet(fold(x[0]), fold(x[1])), meet(fold(x[2]), fold(x[3])));
        let mut out = [0.0; 4];
        _mm_storeu_ps(out.as_mut_ptr(), _mm_add_ps(_mm_movelh_ps(ab, cd), _mm_movehl_ps(cd, ab)));
        out
    }
    #[inline(always)]
    unsafe fn any_ge(self, o: Self) -> bool {
        _mm256_movemask_ps(_mm256_cmp_ps::<_CMP_GE_OQ>(self, o)) != 0
    }
    #[inline(always)]
    unsafe fn transpose(from: *const f32, stride: usize, to: *mut f32, to_stride: usize) {
        let mut x = [_mm256_setzero_ps(); 8];
        // Four rows at a time: lane l of x[4g + c] becomes column 4l + c of rows 4g..4g + 4.
        for g in 0..2 {
            let r = from.add(4 * g * stride);
            let (a, b) = (_mm256_loadu_ps(r), _mm256_loadu_ps(r.add(stride)));
            let (c, d) = (_mm256_loadu_ps(r.add(2 * stride)), _mm256_loadu_ps(r.add(3 * stride)));
            let (ab, cd) = (_mm256_castps_pd(_mm256_unpacklo_ps(a, b)), _mm256_castps_pd(_mm256_unpacklo_ps(c, d)));
            x[4 * g] = _mm256_castpd_ps(_mm256_unpacklo_pd(ab, cd));
            x[4 * g + 1] = _mm256_castpd_ps(_mm256_unpackhi_pd(ab, cd));
            let (ab, cd) = (_mm256_castps_pd(_mm256_unpackhi_ps(a, b)), _mm256_castps_pd(_mm256_unpackhi_ps(c, d)));
            x[4 * g + 2] = _mm256_castpd_ps(_mm256_unpacklo_pd(ab, cd));
            x[4 * g + 3] = _mm256_castpd_ps(_mm256_unpackhi_pd(ab, cd));
        }
        for c in 0..4 {
            _mm256_storeu_ps(to.add(c * to_stride), _mm256_permute2f128_ps::<0x20>(x[c], x[4 + c]));
            _mm256_storeu_ps(to.add((4 + c) * to_stride), _mm256_permute2f128_ps::<0x31>(x[c], x[4 + c]));
        }
    }
    #[inline(always)]
    unsafe fn load_f16(p: *const u16) -> Self {
        _mm256_cvtph_ps(_mm_loadu_si128(p.cast()))
    }
    #[inline(always)]
    unsafe fn load_bf16(p: *const u16) -> Self {
        _mm256_castsi256_ps(_mm256_slli_epi32::<16>(_mm256_cvtepu16_epi32(_mm_loadu_si128(p.cast()))))
    }
    #[inline(always)]
    unsafe fn split_bf16(p: *const u32) -> (Self, Self) {
        let x = _mm256_loadu_si256(p.cast());
        let odd = _mm256_and_si256(x, _mm256_set1_epi32(0xffff_0000_u32.cast_signed()));
        (_mm256_castsi256_ps(_mm256_slli_epi32::<16>(x)), _mm256_castsi256_ps(odd))
    }
    #[inline(always)]
    unsafe fn load_shared(p: *const AtomicU64) -> Self {
        load_shared(p)
    }
    #[inline(always)]
    unsafe fn store_shared(self, p: *const AtomicU64) {
        store_shared(self, p);
    }
}

/// 32 bytes a step: widened to 16 bits, multiplied and added in pairs.
pub(super) struct B;

#[inline(always)]
unsafe fn widen<const SIGNED: bool>(x: __m128i) -> __m256i {
    if SIGNED { _mm256_cvtepi8_epi16(x) } else { _mm256_cvtepu8_epi16(x) }
}

impl Bytes for B {
    type V = __m256i;
    type Acc = __m256i;
    const N: usize = 32;
    #[inline(always)]
    unsafe fn zero() -> __m256i {
        _mm256_setzero_si256()
    }
    #[inline(always)]
    unsafe fn load(p: *const u8) -> __m256i {
        _mm256_loadu_si256(p.cast())
    }
    #[inline(always)]
    unsafe fn load_first(p: *const u8, n: usize) -> __m256i {
        let mut x = [0u8; 32];
        x[..n].copy_from_slice(std::slice::from_raw_parts(p, n));
        _mm256_loadu_si256(x.as_ptr().cast())
    }
    #[inline(always)]
    unsafe fn step<const SA: bool, const SB: bool>(acc: __m256i, a: __m256i, b: __m256i) -> __m256i {
        let low = _mm256_madd_epi16(widen::<SA>(_mm256_castsi256_si128(a)), widen::<SB>(_mm256_castsi256_si128(b)));
        let (a, b) = (_mm256_extracti128_si256::<1>(a), _mm256_extracti128_si256::<1>(b));
        _mm256_add_epi32(acc, _mm256_add_epi32(low, _mm256_madd_epi16(widen::<SA>(a), widen::<SB>(b))))
    }
    #[inline(always)]
    unsafe fn finish<const SA: bool, const SB: bool>(acc: __m256i) -> i32 {
        let mut x = [0i32; 8];
        _mm256_storeu_si256(x.as_mut_ptr().cast(), acc);
        x.iter().fold(0, |s, v| s.wrapping_add(*v))
    }
}

/// Four bytes a lane: the even and the odd ones apart, each pair of products added by `vpmaddwd`.
pub(super) struct Quads;

impl super::maxsim::tile::Words for Quads {
    type V = __m256;
    type Acc = __m256i;
    type B = __m256i;
    #[inline(always)]
    unsafe fn begin(start: *const i32) -> __m256i {
        _mm256_loadu_si256(start.cast())
    }
    #[inline(always)]
    unsafe fn load(p: *const u32) -> __m256i {
        _mm256_loadu_si256(p.cast())
    }
    #[inline(always)]
    unsafe fn splat(w: u32) -> __m256i {
        _mm256_set1_epi32(w.cast_signed())
    }
    #[inline(always)]
    unsafe fn step(acc: __m256i, document: __m256i, query: __m256i) -> __m256i {
        let (even, odd) = (_mm256_and_si256(document, _mm256_set1_epi16(255)), _mm256_srli_epi16::<8>(document));
        let (q_even, q_odd) = (_mm256_srai_epi16::<8>(_mm256_slli_epi16::<8>(query)), _mm256_srai_epi16::<8>(query));
        _mm256_add_epi32(acc, _mm256_add_epi32(_mm256_madd_epi16(even, q_even), _mm256_madd_epi16(odd, q_odd)))
    }
    #[inline(always)]
    unsafe fn end(acc: __m256i) -> __m256 {
        _mm256_cvtepi32_ps(acc)
    }
}

super::shells::f32_shells!(F, "avx2,fma,f16c");
super::shells::half_shell!(F16, super::reduce::F16<F>, "avx2,fma,f16c");
super::shells::half_shell!(BF16, super::reduce::Bf16<F>, "avx2,fma,f16c");
super::shells::byte_shells!(B, "avx2");
super::shells::bit_shells!("avx2,popcnt");
super::shells::gemm_shells!(F, 6, 2, F, "avx2,fma,f16c");
super::shells::maxsim_shell!(MAXSIM_F32, super::maxsim::tile::Floats<super::gemm::tile::Single<F>>, 6, "avx2,fma,f16c");
super::shells::maxsim_shell!(MAXSIM_BF16, super::maxsim::tile::Floats<super::gemm::tile::Split<F>>, 4, "avx2,fma,f16c");
super::shells::maxsim_shell!(MAXSIM_BYTES, Quads, 4, "avx2,fma,f16c");
pub(super) const MAXSIM: super::table::MaxSimKernels =
    super::table::MaxSimKernels { width: 8, byte_width: 8, f32: MAXSIM_F32, bf16: MAXSIM_BF16, bytes: MAXSIM_BYTES };
