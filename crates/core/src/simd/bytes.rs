//! Products of bytes and counts of bits, written once.
#![allow(
    unsafe_op_in_unsafe_fn,
    reason = "every function passes on the one contract of `Bytes`; bounds are kept by the loops"
)]

use super::lanes::Bytes;

/// The sum of products of two equally long byte slices; `SA`, `SB`: whether their bytes are signed.
#[inline(always)]
pub(super) unsafe fn dot<B: Bytes, const SA: bool, const SB: bool>(a: &[u8], b: &[u8]) -> i32 {
    let (n, a, b) = (a.len(), a.as_ptr(), b.as_ptr());
    let mut acc = [B::zero(); 2];
    let mut i = 0;
    while i + 2 * B::N <= n {
        acc[0] = B::step::<SA, SB>(acc[0], B::load(a.add(i)), B::load(b.add(i)));
        acc[1] = B::step::<SA, SB>(acc[1], B::load(a.add(i + B::N)), B::load(b.add(i + B::N)));
        i += 2 * B::N;
    }
    if i + B::N <= n {
        acc[0] = B::step::<SA, SB>(acc[0], B::load(a.add(i)), B::load(b.add(i)));
        i += B::N;
    }
    if i < n {
        acc[1] = B::step::<SA, SB>(acc[1], B::load_first(a.add(i), n - i), B::load_first(b.add(i), n - i));
    }
    B::finish::<SA, SB>(acc[0]).wrapping_add(B::finish::<SA, SB>(acc[1]))
}

/// How two words combine before their bits are counted.
pub(super) trait Combine {
    /// One word of two.
    fn combine(a: u64, b: u64) -> u64;
}
/// Bits that differ.
pub(super) struct Xor;
/// Bits that both have.
pub(super) struct And;
impl Combine for Xor {
    #[inline(always)]
    fn combine(a: u64, b: u64) -> u64 {
        a ^ b
    }
}
impl Combine for And {
    #[inline(always)]
    fn combine(a: u64, b: u64) -> u64 {
        a & b
    }
}

/// How many bits are set in the combination of two equally long slices. The compiler makes it `vpopcntq` or `popcnt`
/// as the shell allows.
#[inline(always)]
pub(super) fn count<C: Combine>(a: &[u64], b: &[u64]) -> u64 {
    let mut sum = 0;
    let n = a.len().min(b.len());
    for i in 0..n {
        sum += u64::from(C::combine(a[i], b[i]).count_ones());
    }
    sum
}
