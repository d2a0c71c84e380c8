//! Which kernels this CPU gets: found once, then a load and an indirect call.

use std::sync::OnceLock;

use super::gemm::Job;
use super::gemm::pack::Panel;
use super::maxsim;
use super::pairs::Pairs;
use super::shared::SharedCells;

type Pair = unsafe fn(&[f32], &[f32]) -> f32;
type Rows = unsafe fn(&[f32], &[f32], &mut [f32]);
pub(super) type Half = unsafe fn(&[u16], &[u16]) -> f32;
pub(super) type Product = unsafe fn(&mut Job<'_>);
pub(super) type MaxSim = unsafe fn(&mut maxsim::Job<'_>);
type At = unsafe fn(&[f32], &[f32], &[u32], &mut [f32]);

/// Over f32; arrays are indexed by [`Op`].
#[derive(Clone, Copy)]
pub(super) struct F32Kernels {
    pub pair: [Pair; 3],
    pub rows: [Rows; 3],
    pub at: [At; 3],
    pub cosine: Pair,
    pub cosine_parts: unsafe fn(&[f32], &[f32]) -> [f32; 3],
    pub axpy: unsafe fn(f32, &[f32], &mut [f32]),
    pub stretch: unsafe fn(f32, &mut [f32]) -> f32,
    pub twice_less: unsafe fn(&mut [f32], &[f32]) -> f32,
    pub products: unsafe fn(&mut Pairs<'_>),
    pub exchange: unsafe fn(&mut Pairs<'_>),
    pub shared_read: unsafe fn(&SharedCells<'_>, u32, &mut [f32]),
    pub shared_add: unsafe fn(&SharedCells<'_>, u32, f32, Option<&[f32]>, &[&[f32]]),
    pub shared_sum: unsafe fn(&SharedCells<'_>, &[u32], f32, &mut [f32]),
    pub shared_step: unsafe fn(&SharedCells<'_>, &[u32], f32, &[f32]),
    pub position_ge: unsafe fn(&[f32], usize, f32) -> usize,
    pub step_product: unsafe fn(&mut super::PairStep<'_>),
    pub step_sum: unsafe fn(&mut super::PairStep<'_>),
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

/// Matrix products; `rows` of A and `width` rows of B make a packed panel.
#[derive(Clone, Copy)]
pub(super) struct GemmKernels {
    pub rows: usize,
    pub width: usize,
    pub f32: Product,
    pub bf16: Product,
    pub pack_a: unsafe fn(Panel<'_>, &mut [f32]),
    pub pack_b: unsafe fn(Panel<'_>, &mut [f32]),
}

/// Late interaction; `width` and `byte_width` query tokens make a panel.
#[derive(Clone, Copy)]
pub(super) struct MaxSimKernels {
    pub width: usize,
    pub byte_width: usize,
    pub f32: MaxSim,
    pub bf16: MaxSim,
    pub bytes: MaxSim,
}

/// Everything that one machine uses.
#[derive(Clone, Copy)]
pub(super) struct Kernels {
    pub name: &'static str,
    pub f32: F32Kernels,
    pub f16: Half,
    pub bf16: Half,
    pub bytes: ByteKernels,
    pub bits: BitKernels,
    pub gemm: GemmKernels,
    pub maxsim: MaxSimKernels,
}

pub(super) const SCALAR: Kernels = {
    use super::scalar as s;
    Kernels {
        name: "scalar",
        f32: s::F32,
        f16: s::F16,
        bf16: s::BF16,
        bytes: s::BYTES,
        bits: s::BITS,
        gemm: s::GEMM,
        maxsim: s::MAXSIM,
    }
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
    let mut all = vec![SCALAR];
    macro_rules! has { ($($f:tt)*) => { $(std::arch::is_x86_feature_detected!($f))&&* }; }
    if has!("avx2" "fma" "f16c" "popcnt") {
        use super::avx2 as s;
        let (f16, bf16, bytes, bits) = (s::F16, s::BF16, s::BYTES, s::BITS);
        all.push(Kernels { name: "avx2", f32: s::F32, f16, bf16, bytes, bits, gemm: s::GEMM, maxsim: s::MAXSIM });
        if has!("avx512f" "avx512bw" "avx512vl" "avx512dq") {
            use super::avx512 as s;
            let mut k = Kernels { name: "avx512", f32: s::F32, f16: s::F16, bf16: s::BF16, gemm: s::GEMM, ..all[1] };
            (k.maxsim.width, k.maxsim.f32, k.maxsim.bf16) = (s::MAXSIM_WIDTH, s::MAXSIM_F32, s::MAXSIM_BF16);
            all.push(k);
            if has!("avx512vnni") {
                (k.name, k.bytes) = ("avx512+vnni", s::BYTES);
                (k.maxsim.byte_width, k.maxsim.bytes) = (s::MAXSIM_WIDTH, s::MAXSIM_BYTES);
            }
            if has!("avx512vpopcntdq") {
                k.bits = s::BITS;
            }
            if has!("avx512bf16") {
                (k.bf16, k.gemm.bf16, k.maxsim.bf16) = (s::BF16_PAIRS, s::BF16_PRODUCT, s::MAXSIM_PAIRS);
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
    let (f16, bf16, bytes, bits) = (s::F16, s::BF16, s::BYTES, s::BITS);
    vec![SCALAR, Kernels { name: "neon", f32: s::F32, f16, bf16, bytes, bits, gemm: s::GEMM, maxsim: s::MAXSIM }]
}

/// Every set of kernels that this CPU can run, the best last.
#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
pub(super) fn supported() -> Vec<Kernels> {
    vec![SCALAR]
}
