//! Kernels over codes: one algorithm each, compiled for AVX-512, AVX2 and plain code, the best that the CPU has chosen once.
//!
//! Products of codes and queries are exact integers ([`ints`]), so every instruction set gives the same bits: an index built
//! on codes is the same file on every machine.
#![allow(unsafe_op_in_unsafe_fn, reason = "the traits of the instruction sets state the contract once")]

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
pub(crate) mod bits;
pub(crate) mod halves;
pub(crate) mod ints;
pub(crate) mod nibbles;
mod scalar;
pub(crate) mod tables;

use std::sync::OnceLock;

/// Everything that one machine uses.
#[derive(Clone, Copy)]
pub(crate) struct Kernels {
    #[cfg_attr(not(test), expect(dead_code, reason = "tests name the set that differs"))]
    pub name: &'static str,
    pub ints: ints::IntKernels,
    pub halves: halves::HalfKernels,
    pub nibbles: nibbles::NibbleKernels,
    pub bits: bits::BitKernels,
}

/// The kernels of this CPU.
#[inline]
pub(crate) fn kernels() -> &'static Kernels {
    static BEST: OnceLock<Kernels> = OnceLock::new();
    BEST.get_or_init(|| supported().pop().unwrap_or(scalar::KERNELS))
}

/// Every set of kernels that this CPU can run, the best last.
pub(crate) fn supported() -> Vec<Kernels> {
    #[allow(unused_mut, reason = "other processors have the plain code only")]
    let mut all = vec![scalar::KERNELS];
    #[cfg(target_arch = "x86_64")]
    {
        macro_rules! has { ($($f:tt)*) => { $(std::arch::is_x86_feature_detected!($f))&&* }; }
        if has!("avx2" "fma" "f16c" "popcnt") {
            all.push(avx2::KERNELS);
            if has!("avx512f" "avx512bw" "avx512vl" "avx512dq" "avx512vnni" "avx512vbmi" "avx512vpopcntdq" "bmi2") {
                all.push(avx512::KERNELS);
            }
        }
    }
    all
}

/// Where the records of coded rows lie: what the kernels walk over.
#[derive(Clone, Copy)]
pub(crate) struct Records<'a> {
    /// All records.
    pub bytes: &'a [u8],
    /// Bytes from one record to the next.
    pub stride: usize,
    /// Bytes of a record that the kernel reads, at its start.
    pub used: usize,
}

/// Which records a kernel is asked for.
#[derive(Clone, Copy)]
pub(crate) enum Which<'a> {
    /// From this one on.
    From(usize),
    /// These.
    Ids(&'a [u32]),
}

impl Which<'_> {
    #[inline(always)]
    pub fn at(&self, i: usize) -> usize {
        match self {
            Self::From(start) => start + i,
            Self::Ids(ids) => ids[i] as usize,
        }
    }

    /// `n` of them from place `done` on.
    pub fn skip(self, done: usize, n: usize) -> Self {
        match self {
            Self::From(start) => Self::From(start + done),
            Self::Ids(ids) => Self::Ids(&ids[done..done + n]),
        }
    }

    /// Panics where a record that is asked for is not there: after it the kernels need no bounds.
    pub fn check(&self, records: Records<'_>, n: usize) {
        assert!(records.used <= records.stride, "records of {} bytes have {} used ones", records.stride, records.used);
        let last = match self {
            Self::From(_) if n == 0 => return,
            Self::From(start) => start + n - 1,
            Self::Ids(ids) => {
                assert_eq!(ids.len(), n, "as many scores as ids");
                let Some(last) = ids.iter().max() else { return };
                *last as usize
            }
        };
        let rows = records.bytes.len() / records.stride.max(1);
        assert!(last < rows, "row {last} of {rows} coded rows");
    }
}
