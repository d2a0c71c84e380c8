//! AVX-512: 16 lanes; VNNI for bytes, VPOPCNTDQ for bits, BF16 for bfloat16 where the CPU has them.
#![allow(unsafe_op_in_unsafe_fn, reason = "`Lanes` states the contract once")]

use std::arch::asm;
use std::arch::x86_64::*;
use std::sync::atomic::AtomicU64;

use super::gemm::tile::Unit;
use super::lanes::{Bytes, Halves, Lanes, newton_rsqrt};

pub(super) type F = __m512;

fn first(n: usize) -> __mmask16 {
    (1u16 << n) - 1
}

/// The upper half added to the lower.
#[inline(always)]
unsafe fn fold(x: __m512) -> __m256 {
    _mm256_add_ps(_mm512_castps512_ps256(x), _mm512_extractf32x8_ps::<1>(x))
}

super::shells::shared_moves! {__m512, zmm_reg, "avx512f"}

/// [`load_shared`] of the lanes of `mask`, the others zero.
#[inline]
#[target_feature(enable = "avx512f")]
unsafe fn load_shared_first(p: *const AtomicU64, mask: __mmask16) -> __m512 {
    let x: __m512;
    asm!("vmovups {x}{{{k}}}{{z}}, [{p}]", x = lateout(zmm_reg) x, p = in(reg) p, k = in(kreg) mask,
        options(nostack, preserves_flags, readonly));
    x
}

/// The counterpart of [`load_shared_first`].
#[inline]
#[target_feature(enable = "avx512f")]
unsafe fn store_shared_first(x: __m512, p: *const AtomicU64, mask: __mmask16) {
    asm!("vmovups [{p}]{{{k}}}, {x}", x = in(zmm_reg) x, p = in(reg) p, k = in(kreg) mask,
        options(nostack, preserves_flags));
}

impl Lanes for __m512 {
    const N: usize = 16;
    #[inline(always)]
    unsafe fn zero() -> Self {
        _mm512_setzero_ps()
    }
    #[inline(always)]
    unsafe fn splat(v: f32) -> Self {
        _mm512_set1_ps(v)
    }
    #[inline(always)]
    unsafe fn load(p: *const f32) -> Self {
        _mm512_loadu_ps(p)
    }
    #[inline(always)]
    unsafe fn load_first(p: *const f32, n: usize) -> Self {
        _mm512_maskz_loadu_ps(first(n), p)
    }
    #[inline(always)]
    unsafe fn store(self, p: *mut f32) {
        _mm512_storeu_ps(p, self);
    }
    #[inline(always)]
    unsafe fn store_first(self, p: *mut f32, n: usize) {
        _mm512_mask_storeu_ps(p, first(n), self);
    }
    #[inline(always)]
    unsafe fn add(self, o: Self) -> Self {
        _mm512_add_ps(self, o)
    }
    #[inline(always)]
    unsafe fn sub(self, o: Self) -> Self {
        _mm512_sub_ps(self, o)
    }
    #[inline(always)]
    unsafe fn abs(self) -> Self {
        _mm512_abs_ps(self)
    }
    #[inline(always)]
    unsafe fn max(self, o: Self) -> Self {
        _mm512_max_ps(self, o)
    }
    #[inline(always)]
    unsafe fn mul_add(self, b: Self, c: Self) -> Self {
        _mm512_fmadd_ps(self, b, c)
    }
    #[inline(always)]
    unsafe fn rsqrt(self) -> Self {
        newton_rsqrt(self, _mm512_rsqrt14_ps(self))
    }
    #[inline(always)]
    unsafe fn sum(self) -> f32 {
        fold(self).sum()
    }
    #[inline(always)]
    unsafe fn sum4(x: [Self; 4]) -> [f32; 4] {
        __m256::sum4([fold(x[0]), fold(x[1]), fold(x[2]), fold(x[3])])
    }
    #[inline(always)]
    unsafe fn any_ge(self, o: Self) -> bool {
        _mm512_cmp_ps_mask::<_CMP_GE_OQ>(self, o) != 0
    }
    #[inline(always)]
    unsafe fn transpose(from: *const f32, stride: usize, to: *mut f32, to_stride: usize) {
        let mut x = [_mm512_setzero_ps(); 16];
        // Four rows at a time: lane l of x[4g + c] becomes column 4l + c of rows 4g..4g + 4.
        for g in 0..4 {
            let r = from.add(4 * g * stride);
            let (a, b) = (_mm512_loadu_ps(r), _mm512_loadu_ps(r.add(stride)));
            let (c, d) = (_mm512_loadu_ps(r.add(2 * stride)), _mm512_loadu_ps(r.add(3 * stride)));
            let (ab, cd) = (_mm512_castps_pd(_mm512_unpacklo_ps(a, b)), _mm512_castps_pd(_mm512_unpacklo_ps(c, d)));
            x[4 * g] = _mm512_castpd_ps(_mm512_unpacklo_pd(ab, cd));
            x[4 * g + 1] = _mm512_castpd_ps(_mm512_unpackhi_pd(ab, cd));
            let (ab, cd) = (_mm512_castps_pd(_mm512_unpackhi_ps(a, b)), _mm512_castps_pd(_mm512_unpackhi_ps(c, d)));
            x[4 * g + 2] = _mm512_castpd_ps(_mm512_unpacklo_pd(ab, cd));
            x[4 * g + 3] = _mm512_castpd_ps(_mm512_unpackhi_pd(ab, cd));
        }
        // Then the four quarters of each column meet.
        for c in 0..4 {
            let low = _mm512_shuffle_f32x4::<0x44>(x[c], x[4 + c]);
            let high = _mm512_shuffle_f32x4::<0xee>(x[c], x[4 + c]);
            let low2 = _mm512_shuffle_f32x4::<0x44>(x[8 + c], x[12 + c]);
            let high2 = _mm512_shuffle_f32x4::<0xee>(x[8 + c], x[12 + c]);
            _mm512_storeu_ps(to.add(c * to_stride), _mm512_shuffle_f32x4::<0x88>(low, low2));
            _mm512_storeu_ps(to.add((4 + c) * to_stride), _mm512_shuffle_f32x4::<0xdd>(low, low2));
            _mm512_storeu_ps(to.add((8 + c) * to_stride), _mm512_shuffle_f32x4::<0x88>(high, high2));
            _mm512_storeu_ps(to.add((12 + c) * to_stride), _mm512_shuffle_f32x4::<0xdd>(high, high2));
        }
    }
    #[inline(always)]
    unsafe fn load_f16(p: *const u16) -> Self {
        _mm512_cvtph_ps(_mm256_loadu_si256(p.cast()))
    }
    #[inline(always)]
    unsafe fn load_bf16(p: *const u16) -> Self {
        _mm512_castsi512_ps(_mm512_slli_epi32::<16>(_mm512_cvtepu16_epi32(_mm256_loadu_si256(p.cast()))))
    }
    #[inline(always)]
    unsafe fn split_bf16(p: *const u32) -> (Self, Self) {
        let x = _mm512_loadu_si512(p.cast());
        let odd = _mm512_and_si512(x, _mm512_set1_epi32(0xffff_0000_u32.cast_signed()));
        (_mm512_castsi512_ps(_mm512_slli_epi32::<16>(x)), _mm512_castsi512_ps(odd))
    }
    #[inline(always)]
    unsafe fn load_shared(p: *const AtomicU64) -> Self {
        load_shared(p)
    }
    #[inline(always)]
    unsafe fn store_shared(self, p: *const AtomicU64) {
        store_shared(self, p);
    }
    #[inline(always)]
    unsafe fn load_shared_first(p: *const AtomicU64, n: usize) -> Self {
        load_shared_first(p, first(n))
    }
    #[inline(always)]
    unsafe fn store_shared_first(self, p: *const AtomicU64, n: usize) {
        store_shared_first(self, p, first(n));
    }
}

/// 64 bytes a step by `vpdpbusd`, which multiplies unsigned by signed: where both are alike, one of them is shifted by
/// 128 and a second sum (of the other) takes the shift out again.
pub(super) struct Vnni;

impl Bytes for Vnni {
    type V = __m512i;
    type Acc = (__m512i, __m512i);
    const N: usize = 64;
    #[inline(always)]
    unsafe fn zero() -> Self::Acc {
        (_mm512_setzero_si512(), _mm512_setzero_si512())
    }
    #[inline(always)]
    unsafe fn load(p: *const u8) -> __m512i {
        _mm512_loadu_si512(p.cast())
    }
    #[inline(always)]
    unsafe fn load_first(p: *const u8, n: usize) -> __m512i {
        _mm512_maskz_loadu_epi8((1u64 << n) - 1, p.cast())
    }
    #[inline(always)]
    unsafe fn step<const SA: bool, const SB: bool>(acc: Self::Acc, a: __m512i, b: __m512i) -> Self::Acc {
        let (shift, ones) = (_mm512_set1_epi8(-128), _mm512_set1_epi8(1));
        match (SA, SB) {
            (true, true) => {
                (_mm512_dpbusd_epi32(acc.0, _mm512_xor_si512(a, shift), b), _mm512_dpbusd_epi32(acc.1, ones, b))
            }
            (false, false) => {
                (_mm512_dpbusd_epi32(acc.0, a, _mm512_xor_si512(b, shift)), _mm512_dpbusd_epi32(acc.1, a, ones))
            }
            (false, true) => (_mm512_dpbusd_epi32(acc.0, a, b), acc.1),
            (true, false) => (_mm512_dpbusd_epi32(acc.0, b, a), acc.1),
        }
    }
    #[inline(always)]
    unsafe fn finish<const SA: bool, const SB: bool>(acc: Self::Acc) -> i32 {
        let main = _mm512_reduce_add_epi32(acc.0);
        let shift = if SA == SB { _mm512_reduce_add_epi32(acc.1).wrapping_mul(128) } else { 0 };
        if SA { main.wrapping_sub(shift) } else { main.wrapping_add(shift) }
    }
}

/// 32 bfloat16 a step by `vdpbf16ps`, which adds the products of neighbours in f32.
pub(super) struct Pairs;

impl Halves for Pairs {
    type V = __m512i;
    type Acc = __m512;
    const N: usize = 32;
    #[inline(always)]
    unsafe fn load(p: *const u16) -> __m512i {
        _mm512_loadu_si512(p.cast())
    }
    #[inline(always)]
    unsafe fn load_first(p: *const u16, n: usize) -> __m512i {
        _mm512_maskz_loadu_epi16((1u32 << n) - 1, p.cast())
    }
    #[inline(always)]
    unsafe fn step(acc: __m512, a: __m512i, b: __m512i) -> __m512 {
        _mm512_dpbf16_ps(acc, std::mem::transmute::<__m512i, __m512bh>(a), std::mem::transmute::<__m512i, __m512bh>(b))
    }
}

impl Unit for Pairs {
    type V = __m512;
    type B = __m512i;
    #[inline(always)]
    unsafe fn load(p: *const f32) -> __m512i {
        _mm512_loadu_si512(p.cast())
    }
    #[inline(always)]
    unsafe fn splat(w: f32) -> __m512i {
        _mm512_castps_si512(_mm512_set1_ps(w))
    }
    #[inline(always)]
    unsafe fn step(acc: __m512, a: __m512i, b: __m512i) -> __m512 {
        <Self as Halves>::step(acc, a, b)
    }
}

impl super::maxsim::tile::Words for Vnni {
    type V = __m512;
    type Acc = __m512i;
    type B = __m512i;
    #[inline(always)]
    unsafe fn begin(start: *const i32) -> __m512i {
        _mm512_loadu_si512(start.cast())
    }
    #[inline(always)]
    unsafe fn load(p: *const u32) -> __m512i {
        _mm512_loadu_si512(p.cast())
    }
    #[inline(always)]
    unsafe fn splat(w: u32) -> __m512i {
        _mm512_set1_epi32(w.cast_signed())
    }
    #[inline(always)]
    unsafe fn step(acc: __m512i, document: __m512i, query: __m512i) -> __m512i {
        _mm512_dpbusd_epi32(acc, document, query)
    }
    #[inline(always)]
    unsafe fn end(acc: __m512i) -> __m512 {
        _mm512_cvtepi32_ps(acc)
    }
}

super::shells::f32_shells!(F, "avx512f,avx512bw,avx512vl,avx512dq,avx2,fma");
super::shells::half_shell!(F16, super::reduce::F16<F>, "avx512f,avx512bw,avx512vl,avx512dq,avx2,fma");
super::shells::half_shell!(BF16, super::reduce::Bf16<F>, "avx512f,avx512bw,avx512vl,avx512dq,avx2,fma");
super::shells::byte_shells!(Vnni, "avx512f,avx512bw,avx512vl,avx512vnni");
super::shells::bit_shells!("avx512f,avx512vl,avx512bw,avx512vpopcntdq,popcnt");
super::shells::gemm_shells!(F, 8, 3, super::avx2::F, "avx512f,avx512bw,avx512vl,avx512dq,avx2,fma");
super::shells::half_shell!(BF16_PAIRS, Pairs, "avx512f,avx512bw,avx512vl,avx512dq,avx512bf16");
super::shells::product_shell!(BF16_PRODUCT, Pairs, 8, 3, "avx512f,avx512bw,avx512vl,avx512dq,avx512bf16,avx2,fma");
/// Query tokens of a panel.
pub(super) const MAXSIM_WIDTH: usize = 16;
super::shells::maxsim_shell!(
    MAXSIM_F32,
    super::maxsim::tile::Floats<super::gemm::tile::Single<F>>,
    12,
    "avx512f,avx512bw,avx512vl,avx512dq,avx2,fma"
);
super::shells::maxsim_shell!(
    MAXSIM_BF16,
    super::maxsim::tile::Floats<super::gemm::tile::Split<F>>,
    8,
    "avx512f,avx512bw,avx512vl,avx512dq,avx2,fma"
);
super::shells::maxsim_shell!(
    MAXSIM_PAIRS,
    super::maxsim::tile::Floats<Pairs>,
    12,
    "avx512f,avx512bw,avx512vl,avx512dq,avx512bf16,avx2,fma"
);
super::shells::maxsim_shell!(MAXSIM_BYTES, Vnni, 12, "avx512f,avx512bw,avx512vl,avx512dq,avx512vnni,avx2,fma");
