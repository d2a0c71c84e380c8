//! What an instruction set must offer for the f32 algorithms: one register full of lanes.

use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;

/// A register of f32 lanes.
///
/// # Safety
/// Every method may be called only where the CPU has the instruction set of the implementing type. The methods are
/// `inline(always)`, so they take the features of the shell that they end up in. Pointers must be valid for the lanes
/// that a method names; no alignment is needed.
pub(super) trait Lanes: Copy {
    /// How many lanes.
    const N: usize;
    /// All zero.
    unsafe fn zero() -> Self;
    /// All the same.
    unsafe fn splat(v: f32) -> Self;
    /// `N` values.
    unsafe fn load(p: *const f32) -> Self;
    /// The first `n < N` values, the others zero.
    unsafe fn load_first(p: *const f32, n: usize) -> Self;
    /// Writes `N` values.
    unsafe fn store(self, p: *mut f32);
    /// Writes the first `n < N` values.
    unsafe fn store_first(self, p: *mut f32, n: usize);
    /// Lane by lane.
    unsafe fn add(self, o: Self) -> Self;
    /// Lane by lane.
    unsafe fn sub(self, o: Self) -> Self;
    /// Lane by lane.
    unsafe fn abs(self) -> Self;
    /// The larger of each lane; values are not NaN.
    unsafe fn max(self, o: Self) -> Self;
    /// `self · b + c`, fused where the CPU can.
    unsafe fn mul_add(self, b: Self, c: Self) -> Self;
    /// `1 / sqrt(self)`, relative error below 1e-6, for positive lanes of ordinary size.
    unsafe fn rsqrt(self) -> Self;
    /// Over all lanes.
    unsafe fn sum(self) -> f32;
    /// [`Lanes::sum`] of four at once.
    #[inline(always)]
    unsafe fn sum4(x: [Self; 4]) -> [f32; 4] {
        // SAFETY: the caller's promise.
        unsafe { [x[0].sum(), x[1].sum(), x[2].sum(), x[3].sum()] }
    }
    /// Whether a lane is at least `o`'s (false for NaN).
    unsafe fn any_ge(self, o: Self) -> bool;
    /// Reads `N` rows of `N` values, `stride` apart, and writes their columns, `to_stride` apart.
    unsafe fn transpose(from: *const f32, stride: usize, to: *mut f32, to_stride: usize);
    /// `N` half-precision values, widened.
    unsafe fn load_f16(p: *const u16) -> Self;
    /// `N` bfloat16 values, widened.
    unsafe fn load_bf16(p: *const u16) -> Self;
    /// The even (low half) or odd (high half) bfloat16 of each 32-bit lane, widened.
    unsafe fn split_bf16(p: *const u32) -> (Self, Self);
    /// `N` values of cells that other threads may change.
    #[inline(always)]
    unsafe fn load_shared(p: *const AtomicU64) -> Self {
        // SAFETY: the caller's promise; no register has more than sixteen lanes.
        unsafe { Self::load(read_cells(p, Self::N).as_ptr().cast()) }
    }
    /// The first `n < N` values of such cells, the others zero; `n` is even.
    #[inline(always)]
    unsafe fn load_shared_first(p: *const AtomicU64, n: usize) -> Self {
        // SAFETY: as above.
        unsafe { Self::load(read_cells(p, n).as_ptr().cast()) }
    }
    /// Writes `N` values to such cells.
    #[inline(always)]
    unsafe fn store_shared(self, p: *const AtomicU64) {
        // SAFETY: the caller's promise.
        unsafe { self.store_shared_first(p, Self::N) }
    }
    /// Writes the first `n <= N` values to such cells; `n` is even.
    #[inline(always)]
    unsafe fn store_shared_first(self, p: *const AtomicU64, n: usize) {
        let mut pairs = [0u64; CELLS];
        // SAFETY: the caller's promise; no register has more than sixteen lanes.
        unsafe {
            self.store(pairs.as_mut_ptr().cast());
            (0..n / 2).for_each(|i| (*p.add(i)).store(pairs[i], Relaxed));
        }
    }
}

/// Cells of the widest register.
const CELLS: usize = 8;

/// The first `n` values at `p`, one relaxed load a cell, the others zero.
///
/// # Safety
/// There are `n / 2 <= CELLS` cells at `p`.
#[inline(always)]
unsafe fn read_cells(p: *const AtomicU64, n: usize) -> [u64; CELLS] {
    let mut pairs = [0u64; CELLS];
    // SAFETY: the caller's promise.
    pairs[..n / 2].iter_mut().enumerate().for_each(|(i, pair)| *pair = unsafe { (*p.add(i)).load(Relaxed) });
    pairs
}

/// One step of Newton's method for `1 / sqrt(x)` from the estimate `y`.
///
/// # Safety
/// As [`Lanes`].
#[inline(always)]
#[allow(unsafe_op_in_unsafe_fn, reason = "the contract of `Lanes`")]
pub(super) unsafe fn newton_rsqrt<V: Lanes>(x: V, y: V) -> V {
    let half_y = y.mul_add(V::splat(0.5), V::zero());
    let rest = V::splat(1.0).sub(x.mul_add(y, V::zero()).mul_add(y, V::zero()));
    half_y.mul_add(rest, y)
}

/// What an instruction set must offer for products of bytes.
///
/// # Safety
/// As [`Lanes`].
pub(super) trait Bytes {
    /// A register of bytes.
    type V: Copy;
    /// Running sums of 32 bits.
    type Acc: Copy;
    /// Bytes in a register.
    const N: usize;
    /// No sum yet.
    unsafe fn zero() -> Self::Acc;
    /// `N` bytes.
    unsafe fn load(p: *const u8) -> Self::V;
    /// The first `n < N` bytes, the others zero.
    unsafe fn load_first(p: *const u8, n: usize) -> Self::V;
    /// Adds the products of two registers; `SA`, `SB`: whether their bytes are signed.
    unsafe fn step<const SA: bool, const SB: bool>(acc: Self::Acc, a: Self::V, b: Self::V) -> Self::Acc;
    /// The sum.
    unsafe fn finish<const SA: bool, const SB: bool>(acc: Self::Acc) -> i32;
}

/// What an instruction set must offer for products of 16-bit floats.
///
/// # Safety
/// As [`Lanes`].
pub(super) trait Halves {
    /// A register of values.
    type V: Copy;
    /// Running sums of f32.
    type Acc: Lanes;
    /// Values in a register.
    const N: usize;
    /// `N` values.
    unsafe fn load(p: *const u16) -> Self::V;
    /// The first `n < N` values, the others zero.
    unsafe fn load_first(p: *const u16, n: usize) -> Self::V;
    /// Adds the products of two registers.
    unsafe fn step(acc: Self::Acc, a: Self::V, b: Self::V) -> Self::Acc;
}
