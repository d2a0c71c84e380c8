//! The shells: each algorithm compiled for one instruction set, and collected as function pointers.

/// The f32 kernels of one instruction set.
macro_rules! f32_shells {
    ($v:ty $(, $f:literal)?) => {
        pub(super) const F32: super::table::F32Kernels = {
            use super::reduce::{self, Dot, L1, L2};
            super::shells::shell!{$($f)?; fn dot(a: &[f32], b: &[f32]) -> f32 { reduce::pair::<$v, Dot>(a, b) }}
            super::shells::shell!{$($f)?; fn l2_sq(a: &[f32], b: &[f32]) -> f32 { reduce::pair::<$v, L2>(a, b) }}
            super::shells::shell!{$($f)?; fn l1(a: &[f32], b: &[f32]) -> f32 { reduce::pair::<$v, L1>(a, b) }}
            super::shells::shell!{$($f)?; fn cosine_parts(a: &[f32], b: &[f32]) -> [f32; 3] { reduce::cosine_parts::<$v>(a, b) }}
            super::shells::shell!{$($f)?; fn cosine(a: &[f32], b: &[f32]) -> f32 { reduce::cosine::<$v>(a, b) }}
            super::shells::shell!{$($f)?; fn axpy(s: f32, x: &[f32], y: &mut [f32]) -> () { reduce::axpy::<$v>(s, x, y) }}
            super::shells::shell!{$($f)?; fn stretch(s: f32, x: &mut [f32]) -> f32 { reduce::stretch::<$v>(s, x) }}
            super::shells::shell!{$($f)?; fn position_ge(x: &[f32], start: usize, floor: f32) -> usize { reduce::position_ge::<$v>(x, start, floor) }}
            super::shells::shell!{$($f)?; fn twice_less(x: &mut [f32], y: &[f32]) -> f32 { reduce::twice_less::<$v>(x, y) }}
            super::shells::shell!{$($f)?; fn dot_rows(q: &[f32], base: &[f32], out: &mut [f32]) -> () { reduce::rows::<$v, Dot>(q, base, out) }}
            super::shells::shell!{$($f)?; fn l2_rows(q: &[f32], base: &[f32], out: &mut [f32]) -> () { reduce::rows::<$v, L2>(q, base, out) }}
            super::shells::shell!{$($f)?; fn l1_rows(q: &[f32], base: &[f32], out: &mut [f32]) -> () { reduce::rows::<$v, L1>(q, base, out) }}
            super::shells::shell!{$($f)?; fn dot_at(q: &[f32], base: &[f32], ids: &[u32], out: &mut [f32]) -> () { reduce::gather::<$v, Dot>(q, base, ids, out) }}
            super::shells::shell!{$($f)?; fn l2_at(q: &[f32], base: &[f32], ids: &[u32], out: &mut [f32]) -> () { reduce::gather::<$v, L2>(q, base, ids, out) }}
            super::shells::shell!{$($f)?; fn l1_at(q: &[f32], base: &[f32], ids: &[u32], out: &mut [f32]) -> () { reduce::gather::<$v, L1>(q, base, ids, out) }}
            super::shells::shell!{$($f)?; fn products(p: &mut super::pairs::Pairs<'_>) -> () { super::pairs::products::<$v>(p) }}
            super::shells::shell!{$($f)?; fn exchange(p: &mut super::pairs::Pairs<'_>) -> () { super::pairs::exchange::<$v>(p) }}
            super::shells::shell!{$($f)?; fn shared_read(rows: &super::SharedCells<'_>, id: u32, out: &mut [f32]) -> () { super::shared::read::<$v>(rows, id, out) }}
            super::shells::shell!{$($f)?; fn shared_add(rows: &super::SharedCells<'_>, id: u32, scale: f32, old: Option<&[f32]>, news: &[&[f32]]) -> () { super::shared::add::<$v>(rows, id, scale, old, news) }}
            super::shells::shell!{$($f)?; fn shared_sum(rows: &super::SharedCells<'_>, ids: &[u32], scale: f32, out: &mut [f32]) -> () { super::shared::sum::<$v>(rows, ids, scale, out) }}
            super::shells::shell!{$($f)?; fn shared_step(rows: &super::SharedCells<'_>, ids: &[u32], scale: f32, change: &[f32]) -> () { super::shared::step::<$v>(rows, ids, scale, change) }}
            super::shells::shell!{$($f)?; fn step_product(p: &mut super::PairStep<'_>) -> () { super::adagrad::step::<$v, super::adagrad::Product>(p) }}
            super::shells::shell!{$($f)?; fn step_sum(p: &mut super::PairStep<'_>) -> () { super::adagrad::step::<$v, super::adagrad::Sum>(p) }}
            super::table::F32Kernels {
                products, exchange, shared_read, shared_add, shared_sum, shared_step,
                pair: [dot, l2_sq, l1],
                rows: [dot_rows, l2_rows, l1_rows],
                at: [dot_at, l2_at, l1_at],
                cosine, cosine_parts, axpy, stretch, twice_less, position_ge, step_product, step_sum,
            }
        };
    };
}

/// A kernel over 16-bit floats, called `$name`.
macro_rules! half_shell {
    ($name:ident, $h:ty $(, $f:literal)?) => {
        pub(super) const $name: super::table::Half = {
            super::shells::shell!{$($f)?; fn dot(a: &[u16], b: &[u16]) -> f32 { super::reduce::halves::<$h>(a, b) }}
            dot
        };
    };
}

/// The kernels over bytes.
macro_rules! byte_shells {
    ($b:ty $(, $f:literal)?) => {
        pub(super) const BYTES: super::table::ByteKernels = {
            super::shells::shell!{$($f)?; fn i8_i8(a: &[u8], b: &[u8]) -> i32 { super::bytes::dot::<$b, true, true>(a, b) }}
            super::shells::shell!{$($f)?; fn u8_i8(a: &[u8], b: &[u8]) -> i32 { super::bytes::dot::<$b, false, true>(a, b) }}
            super::shells::shell!{$($f)?; fn u8_u8(a: &[u8], b: &[u8]) -> i32 { super::bytes::dot::<$b, false, false>(a, b) }}
            super::table::ByteKernels { i8_i8, u8_i8, u8_u8 }
        };
    };
}

/// The kernels over bits.
macro_rules! bit_shells {
    ($($f:literal)?) => {
        pub(super) const BITS: super::table::BitKernels = {
            use super::bytes::{self, And, Xor};
            super::shells::shell!{$($f)?; fn xor(a: &[u64], b: &[u64]) -> u64 { bytes::count::<Xor>(a, b) }}
            super::shells::shell!{$($f)?; fn and(a: &[u64], b: &[u64]) -> u64 { bytes::count::<And>(a, b) }}
            super::table::BitKernels { xor, and }
        };
    };
}

/// The matrix products: tiles of `$mr` rows × `$nv` registers; `$half` packs panels of A.
macro_rules! gemm_shells {
    ($v:ty, $mr:literal, $nv:literal, $half:ty $(, $f:literal)?) => {
        pub(super) const GEMM: super::table::GemmKernels = {
            use super::gemm::{pack::{Panel, interleave}, tile};
            super::shells::product_shell!{F32, tile::Single<$v>, $mr, $nv $(, $f)?}
            super::shells::product_shell!{BF16, tile::Split<$v>, $mr, $nv $(, $f)?}
            super::shells::shell!{$($f)?; fn pack_b(p: Panel<'_>, out: &mut [f32]) -> () { interleave::<$v>(p, out) }}
            super::shells::shell!{$($f)?; fn pack_a(p: Panel<'_>, out: &mut [f32]) -> () { interleave::<$half>(p, out) }}
            let width = $nv * <$v as super::lanes::Lanes>::N;
            super::table::GemmKernels { rows: $mr, width, f32: F32, bf16: BF16, pack_a, pack_b }
        };
    };
}

/// One product over packed words, called `$name`.
macro_rules! product_shell {
    ($name:ident, $unit:ty, $mr:literal, $nv:literal $(, $f:literal)?) => {
        pub(super) const $name: super::table::Product = {
            super::shells::shell!{$($f)?; fn run(job: &mut super::gemm::Job<'_>) -> () { super::gemm::tile::run::<$unit, $mr, $nv>(job) }}
            run
        };
    };
}

/// One late interaction over `$words` with tiles of `$mr` rows, called `$name`.
macro_rules! maxsim_shell {
    ($name:ident, $words:ty, $mr:literal $(, $f:literal)?) => {
        pub(super) const $name: super::table::MaxSim = {
            super::shells::shell!{$($f)?; fn run(job: &mut super::maxsim::Job<'_>) -> () { super::maxsim::tile::run::<$words, $mr>(job) }}
            run
        };
    };
}

/// `load_shared` and `store_shared` of a register, moved by one instruction.
#[cfg(target_arch = "x86_64")]
macro_rules! shared_moves {
    ($v:ty, $register:ident, $f:literal) => {
        /// What a register's width of cells holds: for the compiler so many relaxed loads of u64. No value of four bytes is torn, which
        /// is all that those who read promise.
        #[inline]
        #[target_feature(enable = $f)]
        unsafe fn load_shared(p: *const AtomicU64) -> $v {
            let x: $v;
            asm!("vmovups {x}, [{p}]", x = lateout($register) x, p = in(reg) p, options(nostack, preserves_flags, readonly));
            x
        }

        /// The counterpart of [`load_shared`].
        #[inline]
        #[target_feature(enable = $f)]
        unsafe fn store_shared(x: $v, p: *const AtomicU64) {
            asm!("vmovups [{p}], {x}", x = in($register) x, p = in(reg) p, options(nostack, preserves_flags));
        }
    };
}

/// One function with the features of the instruction set.
macro_rules! shell {
    ($($f:literal)?; fn $name:ident($($a:ident: $t:ty),*) -> $r:ty $body:block) => {
        $(#[target_feature(enable = $f)])?
        unsafe fn $name($($a: $t),*) -> $r {
            $body
        }
    };
}

#[cfg(target_arch = "x86_64")]
pub(super) use shared_moves;
pub(super) use {bit_shells, byte_shells, f32_shells, gemm_shells, half_shell, maxsim_shell, product_shell, shell};
