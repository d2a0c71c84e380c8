//! AVX-512 with VNNI: 64 products of bytes an instruction.

use std::arch::x86_64::*;

use super::Kernels;
use super::bits::{Bits, bit_kernels};
use super::halves::{Halves, half_kernels};
use super::ints::{IntQuery, Ints, int_kernels};
use super::nibbles::{Nibbles, nibble_kernels};

struct Avx512;

impl Ints for Avx512 {
    /// 64 high and 64 low bytes of query integers.
    type Q = [__m512i; 2];
    /// Sums of the high and of the low products.
    type Acc = [__m512i; 2];
    const N: usize = 64;
    #[inline(always)]
    unsafe fn zero() -> [__m512i; 2] {
        [_mm512_setzero_si512(); 2]
    }
    #[inline(always)]
    unsafe fn query(q: &IntQuery, j: usize) -> [__m512i; 2] {
        [_mm512_loadu_si512(q.high().add(j).cast()), _mm512_loadu_si512(q.low().add(j).cast())]
    }
    #[inline(always)]
    unsafe fn bytes(acc: [__m512i; 2], q: [__m512i; 2], p: *const u8, n: usize) -> [__m512i; 2] {
        add(acc, q, load(p, n))
    }
    #[inline(always)]
    unsafe fn nibbles(acc: [__m512i; 2], q: [[__m512i; 2]; 2], p: *const u8, n: usize) -> [__m512i; 2] {
        let (x, mask) = (load(p, n), _mm512_set1_epi8(15));
        let acc = add(acc, q[0], _mm512_and_si512(x, mask));
        add(acc, q[1], _mm512_and_si512(_mm512_srli_epi16::<4>(x), mask))
    }
    #[inline(always)]
    unsafe fn sums(acc: [[__m512i; 2]; 4]) -> [i32; 4] {
        // The whole sum fits 32 bits and lanes wrap, so the planes may meet before the lanes do.
        let fold = |a: [__m512i; 2]| {
            let x = _mm512_add_epi32(_mm512_slli_epi32::<7>(a[0]), a[1]);
            _mm256_add_epi32(_mm512_castsi512_si256(x), _mm512_extracti64x4_epi64::<1>(x))
        };
        super::avx2::sums([fold(acc[0]), fold(acc[1]), fold(acc[2]), fold(acc[3])])
    }
}

/// `n` bytes of 64, the others zero.
#[inline(always)]
unsafe fn load(p: *const u8, n: usize) -> __m512i {
    if n == 64 { _mm512_loadu_si512(p.cast()) } else { _mm512_maskz_loadu_epi8((1u64 << n) - 1, p.cast()) }
}

#[inline(always)]
unsafe fn add(acc: [__m512i; 2], q: [__m512i; 2], x: __m512i) -> [__m512i; 2] {
    [_mm512_dpbusd_epi32(acc[0], x, q[0]), _mm512_dpbusd_epi32(acc[1], x, q[1])]
}

impl Halves for Avx512 {
    type Acc = __m512;
    #[inline(always)]
    unsafe fn zero() -> __m512 {
        _mm512_setzero_ps()
    }
    #[inline(always)]
    unsafe fn f16(acc: __m512, q: *const f32, p: *const u8) -> __m512 {
        _mm512_fmadd_ps(_mm512_loadu_ps(q), _mm512_cvtph_ps(_mm256_loadu_si256(p.cast())), acc)
    }
    #[inline(always)]
    unsafe fn bf16(acc: __m512, q: *const f32, p: *const u8) -> __m512 {
        let x = _mm512_slli_epi32::<16>(_mm512_cvtepu16_epi32(_mm256_loadu_si256(p.cast())));
        _mm512_fmadd_ps(_mm512_loadu_ps(q), _mm512_castsi512_ps(x), acc)
    }
    #[inline(always)]
    unsafe fn sums(acc: [__m512; 4]) -> [f32; 4] {
        let x = acc.map(|a| _mm256_add_ps(_mm512_castps512_ps256(a), _mm512_extractf32x8_ps::<1>(a)));
        let x = _mm256_hadd_ps(_mm256_hadd_ps(x[0], x[1]), _mm256_hadd_ps(x[2], x[3]));
        let x = _mm_add_ps(_mm256_castps256_ps128(x), _mm256_extractf128_ps::<1>(x));
        std::mem::transmute::<__m128, [f32; 4]>(x)
    }
}

impl Nibbles for Avx512 {
    type Acc = __m512i;
    type Table = __m512i;
    #[inline(always)]
    unsafe fn zero() -> __m512i {
        _mm512_setzero_si512()
    }
    #[inline(always)]
    unsafe fn table(p: *const u8) -> __m512i {
        _mm512_loadu_si512(p.cast())
    }
    #[inline(always)]
    unsafe fn step(acc: __m512i, low: __m512i, high: __m512i, codes: *const u8) -> __m512i {
        // The index of byte t of every four is 16 t + code: (x & 15) | place, in one instruction.
        let (x, mask, place) = (_mm512_loadu_si512(codes.cast()), _mm512_set1_epi8(15), _mm512_set1_epi32(0x3020_1000));
        let ones = _mm512_set1_epi8(1);
        let index = _mm512_ternarylogic_epi64::<0xf8>(place, x, mask);
        let acc = _mm512_dpbusd_epi32(acc, _mm512_permutexvar_epi8(index, low), ones);
        let index = _mm512_ternarylogic_epi64::<0xf8>(place, _mm512_srli_epi16::<4>(x), mask);
        _mm512_dpbusd_epi32(acc, _mm512_permutexvar_epi8(index, high), ones)
    }
    #[inline(always)]
    unsafe fn sums(acc: __m512i) -> [i32; 16] {
        std::mem::transmute::<__m512i, [i32; 16]>(acc)
    }
    #[inline(always)]
    unsafe fn reach(acc: __m512i, floor: i32) -> u32 {
        u32::from(_mm512_cmpge_epi32_mask(acc, _mm512_set1_epi32(floor)))
    }
}

impl Bits for Avx512 {
    #[inline(always)]
    unsafe fn differ(a: *const u8, b: *const u8, n: usize) -> u32 {
        if n <= 32 {
            return super::scalar::words(a, b, n);
        }
        let mut acc = _mm512_setzero_si512();
        let mut i = 0;
        while i < n {
            let left = (n - i).min(64);
            let x = _mm512_xor_si512(load(a.add(i), left), load(b.add(i), left));
            acc = _mm512_add_epi64(acc, _mm512_popcnt_epi64(x));
            i += 64;
        }
        _mm512_reduce_add_epi64(acc) as u32
    }
    #[inline(always)]
    unsafe fn packed16(q: *const u8, p: *const u8, out: &mut [u32]) -> usize {
        let q = _mm512_broadcast_i64x2(_mm_loadu_si128(q.cast()));
        let count = |at: usize| _mm512_popcnt_epi64(_mm512_xor_si512(_mm512_loadu_si512(p.add(at).cast()), q));
        // Two counts a string: even and odd words of two registers meet, then the eight sums are put in order.
        let order = _mm512_setr_epi64(0, 2, 4, 6, 1, 3, 5, 7);
        let mut i = 0;
        while i + 8 <= out.len() {
            let (a, b) = (count(16 * i), count(16 * i + 64));
            let sums = _mm512_add_epi64(_mm512_unpacklo_epi64(a, b), _mm512_unpackhi_epi64(a, b));
            let sums = _mm512_permutexvar_epi64(order, sums);
            _mm256_storeu_si256(out.as_mut_ptr().add(i).cast(), _mm512_cvtepi64_epi32(sums));
            i += 8;
        }
        i
    }
    #[inline(always)]
    unsafe fn near16(q: *const u8, p: *const u8, most: u32) -> Option<u32> {
        let (q, most) = (_mm512_broadcast_i64x2(_mm_loadu_si128(q.cast())), _mm512_set1_epi64(i64::from(most)));
        let count = |at: usize| _mm512_popcnt_epi64(_mm512_xor_si512(_mm512_loadu_si512(p.add(at).cast()), q));
        let sums = |at: usize| {
            let (a, b) = (count(at), count(at + 64));
            _mm512_add_epi64(_mm512_unpacklo_epi64(a, b), _mm512_unpackhi_epi64(a, b))
        };
        // Bit 2j of eight is row j, bit 2j + 1 row 4 + j: put in order only where there is one.
        let (first, second) = (_mm512_cmple_epu64_mask(sums(0), most), _mm512_cmple_epu64_mask(sums(128), most));
        if first | second == 0 {
            return Some(0);
        }
        let order = |m: u8| _pext_u32(u32::from(m), 0x55) | _pext_u32(u32::from(m), 0xaa) << 4;
        Some(order(first) | order(second) << 8)
    }
}

pub(super) const KERNELS: Kernels = Kernels {
    name: "avx512",
    ints: int_kernels!(Avx512, "avx512f,avx512bw,avx512vl,avx512dq,avx512vnni,avx2,fma"),
    halves: half_kernels!(Avx512, "avx512f,avx512bw,avx512vl,avx512dq,avx2,fma,f16c"),
    nibbles: nibble_kernels!(Avx512, "avx512f,avx512bw,avx512vl,avx512dq,avx512vnni,avx512vbmi,avx2,fma"),
    bits: bit_kernels!(Avx512, "avx512f,avx512bw,avx512vl,avx512dq,avx512vpopcntdq,avx2,popcnt,bmi2"),
};
