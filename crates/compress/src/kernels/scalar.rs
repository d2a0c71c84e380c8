//! Plain code for any processor; the compiler makes of the small arrays what it can.

use half::{bf16, f16};

use super::Kernels;
use super::bits::{Bits, bit_kernels};
use super::halves::{Halves, half_kernels};
use super::ints::{IntQuery, Ints, int_kernels};
use super::nibbles::{Nibbles, nibble_kernels};

struct Plain;

impl Ints for Plain {
    type Q = [i16; 16];
    type Acc = i32;
    const N: usize = 16;
    unsafe fn zero() -> i32 {
        0
    }
    #[inline(always)]
    unsafe fn query(q: &IntQuery, j: usize) -> [i16; 16] {
        q.wide().add(j).cast::<[i16; 16]>().read()
    }
    #[inline(always)]
    unsafe fn bytes(acc: i32, q: [i16; 16], p: *const u8, _: usize) -> i32 {
        let c = p.cast::<[u8; 16]>().read();
        (0..16).fold(acc, |s, i| s + i32::from(c[i]) * i32::from(q[i]))
    }
    #[inline(always)]
    unsafe fn nibbles(acc: i32, q: [[i16; 16]; 2], p: *const u8, _: usize) -> i32 {
        let c = p.cast::<[u8; 16]>().read();
        let both = |i: usize| i32::from(c[i] & 15) * i32::from(q[0][i]) + i32::from(c[i] >> 4) * i32::from(q[1][i]);
        (0..16).fold(acc, |s, i| s + both(i))
    }
    unsafe fn sums(acc: [i32; 4]) -> [i32; 4] {
        acc
    }
}

impl Halves for Plain {
    type Acc = [f32; 16];
    unsafe fn zero() -> [f32; 16] {
        [0.0; 16]
    }
    #[inline(always)]
    unsafe fn f16(acc: [f32; 16], q: *const f32, p: *const u8) -> [f32; 16] {
        add(acc, q, p, |b| f16::from_bits(b).to_f32())
    }
    #[inline(always)]
    unsafe fn bf16(acc: [f32; 16], q: *const f32, p: *const u8) -> [f32; 16] {
        add(acc, q, p, |b| bf16::from_bits(b).to_f32())
    }
    unsafe fn sums(acc: [[f32; 16]; 4]) -> [f32; 4] {
        acc.map(|x| x.iter().sum())
    }
}

#[inline(always)]
unsafe fn add(mut acc: [f32; 16], q: *const f32, p: *const u8, widen: impl Fn(u16) -> f32) -> [f32; 16] {
    let (q, x) = (q.cast::<[f32; 16]>().read_unaligned(), p.cast::<[u16; 16]>().read_unaligned());
    for i in 0..16 {
        acc[i] += widen(x[i]) * q[i];
    }
    acc
}

impl Nibbles for Plain {
    type Acc = [i32; 16];
    type Table = *const u8;
    unsafe fn zero() -> [i32; 16] {
        [0; 16]
    }
    unsafe fn table(p: *const u8) -> *const u8 {
        p
    }
    #[inline(always)]
    unsafe fn step(mut acc: [i32; 16], low: *const u8, high: *const u8, codes: *const u8) -> [i32; 16] {
        for r in 0..16 {
            for t in 0..4 {
                let c = usize::from(*codes.add(4 * r + t));
                acc[r] += i32::from(*low.add(16 * t + (c & 15))) + i32::from(*high.add(16 * t + (c >> 4)));
            }
        }
        acc
    }
    unsafe fn sums(acc: [i32; 16]) -> [i32; 16] {
        acc
    }
}

impl Bits for Plain {
    #[inline(always)]
    unsafe fn differ(a: *const u8, b: *const u8, n: usize) -> u32 {
        words(a, b, n)
    }
}

/// Differing bits, a word at a time.
#[inline(always)]
pub(super) unsafe fn words(a: *const u8, b: *const u8, n: usize) -> u32 {
    let word = |p: *const u8, i: usize| p.add(8 * i).cast::<u64>().read_unaligned();
    (0..n / 8).map(|i| (word(a, i) ^ word(b, i)).count_ones()).sum()
}

pub(super) const KERNELS: Kernels = Kernels {
    name: "scalar",
    ints: int_kernels!(Plain),
    halves: half_kernels!(Plain),
    nibbles: nibble_kernels!(Plain),
    bits: bit_kernels!(Plain),
};
