//! AVX2: products of 16-bit integers by `vpmaddwd`.

use std::arch::x86_64::*;

use super::Kernels;
use super::bits::{Bits, bit_kernels};
use super::halves::{Halves, half_kernels};
use super::ints::{IntQuery, Ints, int_kernels};
use super::nibbles::{Nibbles, nibble_kernels};

struct Avx2;

impl Ints for Avx2 {
    type Q = __m256i;
    type Acc = __m256i;
    const N: usize = 16;
    #[inline(always)]
    unsafe fn zero() -> __m256i {
        _mm256_setzero_si256()
    }
    #[inline(always)]
    unsafe fn query(q: &IntQuery, j: usize) -> __m256i {
        _mm256_loadu_si256(q.wide().add(j).cast())
    }
    #[inline(always)]
    unsafe fn bytes(acc: __m256i, q: __m256i, p: *const u8, _: usize) -> __m256i {
        _mm256_add_epi32(acc, _mm256_madd_epi16(q, _mm256_cvtepu8_epi16(_mm_loadu_si128(p.cast()))))
    }
    #[inline(always)]
    unsafe fn nibbles(acc: __m256i, q: [__m256i; 2], p: *const u8, _: usize) -> __m256i {
        let x = _mm256_cvtepu8_epi16(_mm_loadu_si128(p.cast()));
        let (low, high) = (_mm256_and_si256(x, _mm256_set1_epi16(15)), _mm256_srli_epi16::<4>(x));
        let acc = _mm256_add_epi32(acc, _mm256_madd_epi16(q[0], low));
        _mm256_add_epi32(acc, _mm256_madd_epi16(q[1], high))
    }
    #[inline(always)]
    unsafe fn sums(acc: [__m256i; 4]) -> [i32; 4] {
        sums(acc)
    }
}

/// The four sums of four registers of eight.
#[inline(always)]
pub(super) unsafe fn sums(x: [__m256i; 4]) -> [i32; 4] {
    let x = _mm256_hadd_epi32(_mm256_hadd_epi32(x[0], x[1]), _mm256_hadd_epi32(x[2], x[3]));
    let x = _mm_add_epi32(_mm256_castsi256_si128(x), _mm256_extracti128_si256::<1>(x));
    std::mem::transmute::<__m128i, [i32; 4]>(x)
}

impl Halves for Avx2 {
    type Acc = [__m256; 2];
    #[inline(always)]
    unsafe fn zero() -> [__m256; 2] {
        [_mm256_setzero_ps(); 2]
    }
    #[inline(always)]
    unsafe fn f16(acc: [__m256; 2], q: *const f32, p: *const u8) -> [__m256; 2] {
        let part = |h: usize| _mm256_cvtph_ps(_mm_loadu_si128(p.add(16 * h).cast()));
        fma(acc, q, [part(0), part(1)])
    }
    #[inline(always)]
    unsafe fn bf16(acc: [__m256; 2], q: *const f32, p: *const u8) -> [__m256; 2] {
        let part = |h: usize| {
            let x = _mm256_cvtepu16_epi32(_mm_loadu_si128(p.add(16 * h).cast()));
            _mm256_castsi256_ps(_mm256_slli_epi32::<16>(x))
        };
        fma(acc, q, [part(0), part(1)])
    }
    #[inline(always)]
    unsafe fn sums(acc: [[__m256; 2]; 4]) -> [f32; 4] {
        let x = acc.map(|a| _mm256_add_ps(a[0], a[1]));
        let x = _mm256_hadd_ps(_mm256_hadd_ps(x[0], x[1]), _mm256_hadd_ps(x[2], x[3]));
        let x = _mm_add_ps(_mm256_castps256_ps128(x), _mm256_extractf128_ps::<1>(x));
        std::mem::transmute::<__m128, [f32; 4]>(x)
    }
}

#[inline(always)]
unsafe fn fma(acc: [__m256; 2], q: *const f32, x: [__m256; 2]) -> [__m256; 2] {
    [_mm256_fmadd_ps(_mm256_loadu_ps(q), x[0], acc[0]), _mm256_fmadd_ps(_mm256_loadu_ps(q.add(8)), x[1], acc[1])]
}

impl Nibbles for Avx2 {
    /// Rows 0..8 and 8..16.
    type Acc = [__m256i; 2];
    /// Four tables, each in both halves of a register.
    type Table = [__m256i; 4];
    #[inline(always)]
    unsafe fn zero() -> [__m256i; 2] {
        [_mm256_setzero_si256(); 2]
    }
    #[inline(always)]
    unsafe fn table(p: *const u8) -> [__m256i; 4] {
        std::array::from_fn(|t| _mm256_broadcastsi128_si256(_mm_loadu_si128(p.add(16 * t).cast())))
    }
    #[inline(always)]
    unsafe fn step(acc: [__m256i; 2], low: [__m256i; 4], high: [__m256i; 4], codes: *const u8) -> [__m256i; 2] {
        let mask = _mm256_set1_epi8(15);
        std::array::from_fn(|h| {
            let x = _mm256_loadu_si256(codes.add(32 * h).cast());
            let acc = look_up(acc[h], low, _mm256_and_si256(x, mask));
            look_up(acc, high, _mm256_and_si256(_mm256_srli_epi16::<4>(x), mask))
        })
    }
    #[inline(always)]
    unsafe fn sums(acc: [__m256i; 2]) -> [i32; 16] {
        std::mem::transmute::<[__m256i; 2], [i32; 16]>(acc)
    }
    #[inline(always)]
    unsafe fn reach(acc: [__m256i; 2], floor: i32) -> u32 {
        let below = _mm256_set1_epi32(floor.saturating_sub(1));
        let bits = |x| _mm256_movemask_ps(_mm256_castsi256_ps(_mm256_cmpgt_epi32(x, below))).cast_unsigned();
        bits(acc[0]) | bits(acc[1]) << 8
    }
}

/// Byte t of every four is looked up in table t: the other bytes have their top bit set for that shuffle, which gives zero.
#[inline(always)]
unsafe fn look_up(acc: __m256i, tables: [__m256i; 4], codes: __m256i) -> __m256i {
    let others = [0x8080_8000_u32, 0x8080_0080, 0x8000_8080, 0x0080_8080];
    let mut all = _mm256_setzero_si256();
    for t in 0..4 {
        let index = _mm256_or_si256(codes, _mm256_set1_epi32(others[t].cast_signed()));
        all = _mm256_or_si256(all, _mm256_shuffle_epi8(tables[t], index));
    }
    let pairs = _mm256_maddubs_epi16(all, _mm256_set1_epi8(1));
    _mm256_add_epi32(acc, _mm256_madd_epi16(pairs, _mm256_set1_epi16(1)))
}

impl Bits for Avx2 {
    #[inline(always)]
    unsafe fn differ(a: *const u8, b: *const u8, n: usize) -> u32 {
        super::scalar::words(a, b, n)
    }
}

pub(super) const KERNELS: Kernels = Kernels {
    name: "avx2",
    ints: int_kernels!(Avx2, "avx2,fma,f16c"),
    halves: half_kernels!(Avx2, "avx2,fma,f16c"),
    nibbles: nibble_kernels!(Avx2, "avx2,fma"),
    bits: bit_kernels!(Avx2, "avx2,popcnt"),
};
