//! Which kernels this CPU gets: found once, then a load and an indirect call.

use std::sync::OnceLock;

use super::gemm::Job;
use super::gemm::pack::Panel;

type Pair = unsafe fn(&[f32], &[f32]) -> f32;
type Rows = unsafe fn(&[f32], &[f32], &mut [f32]);
type At = unsafe fn(&[f32], &[f32], &[u32], &mut [f32]);

/// Over f32; arrays are indexed by [`Op`].
#[derive(Clone, Copy)]
pub(super) struct F32Kernels {
    pub pair: [Pair; 3],
    pub rows: [Rows; 3],
    pub at: [At; 3],
    pub cosine_parts: unsafe fn(&[f32], &[f32]) -> [f32; 3],
    pub axpy: unsafe fn(f32, &[f32], &mut [f32]),
    pub position_ge: unsafe fn(&[f32], usize, f32) -> usize,
}

/// What a pair of values adds to a sum.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Op {
    /// a · b.
    Dot = 0,
    /// (a − b)².
    L2 = 1,
    /// |a − b|.
    L1 = 2,
}

/// Over 16-bit floats.
#[derive(Clone, Copy)]
pub(super) struct HalfKernels {
    pub f16: unsafe fn(&[u16], &[u16]) -> f32,
    pub bf16: unsafe fn(&[u16], &[u16]) -> f32,
}

/// Over bytes.
#[derive(Clone, Copy)]
pub(super) struct ByteKernels {
    pub i8_i8: unsafe fn(&[u8], &[u8]) -> i32,
    pub u8_i8: unsafe fn(&[u8], &[u8]) -> i32,
    pub u8_u8: unsafe fn(&[u8], &[u8]) -> i32,
}

/// Over bits.
#[derive(Clone, Copy)]
pub(super) struct BitKernels {
    pub xor: unsafe fn(&[u64], &[u64]) -> u64,
    pub and: unsafe fn(&[u64], &[u64]) -> u64,
}

/// Matrix products; `width` is the number of columns in a packed panel.
#[derive(Clone, Copy)]
pub(super) struct GemmKernels {
    pub width: usize,
    pub f32: unsafe fn(&mut Job<'_>),
    pub bf16: unsafe fn(&mut Job<'_>),
    pub pack_a: unsafe fn(Panel<'_>, &mut [f32]),
    pub pack_b: unsafe fn(Panel<'_>, &mut [f32]),
}

/// Everything that one machine uses.
#[derive(Clone, Copy)]
pub(super) struct Kernels {
    pub name: &'static str,
    pub f32: F32Kernels,
    pub half: HalfKernels,
    pub bytes: ByteKernels,
    pub bits: BitKernels,
    pub gemm: GemmKernels,
}

pub(super) const SCALAR: Kernels = {
    use super::scalar as s;
    Kernels { name: "scalar", f32: s::F32, half: s::HALF, bytes: s::BYTES, bits: s::BITS, gemm: s::GEMM }
};

/// The kernels of this CPU.
#[inline]
pub(super) fn kernels() -> &'static Kernels {
    static BEST: OnceLock<Kernels> = OnceLock::new();
    BEST.get_or_init(|| supported().pop().unwrap_or(SCALAR))
}

/// Every set of kernels that this CPU can run, the best last.
#[cfg(target_arch = "x86_64")]
pub(super) fn supported() -> Vec<Kernels> {
    use super::{avx2, avx512};
    let mut all = vec![SCALAR];
    macro_rules! has { ($($f:tt)*) => { $(std::arch::is_x86_feature_detected!($f))&&* }; }
    if has!("avx2" "fma" "f16c" "popcnt") {
        use avx2 as s;
        all.push(Kernels { name: "avx2", f32: s::F32, half: s::HALF, bytes: s::BYTES, bits: s::BITS, gemm: s::GEMM });
        if has!("avx512f" "avx512bw" "avx512vl" "avx512dq") {
            let mut k = Kernels { name: "avx512", f32: avx512::F32, half: avx512::HALF, gemm: avx512::GEMM, ..all[1] };
            if has!("avx512vnni") {
                (k.name, k.bytes) = ("avx512+vnni", avx512::BYTES);
            }
            if has!("avx512vpopcntdq") {
                k.bits = avx512::BITS;
            }
            all.push(k);
        }
    }
    all
}

/// Every set of kernels that this CPU can run, the best last.
#[cfg(target_arch = "aarch64")]
pub(super) fn supported() -> Vec<Kernels> {
    use super::neon as s;
    let neon = Kernels { name: "neon", f32: s::F32, half: s::HALF, bytes: s::BYTES, bits: s::BITS, gemm: s::GEMM };
    vec![SCALAR, neon]
}

/// Every set of kernels that this CPU can run, the best last.
#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
pub(super) fn supported() -> Vec<Kernels> {
    vec![SCALAR]
}
