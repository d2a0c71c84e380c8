//! The shells for CPUs without a known instruction set; the compiler makes of the small arrays what it can.
#![allow(unsafe_op_in_unsafe_fn, reason = "`Lanes` states the contract once")]

use half::{bf16, f16};

use super::lanes::{Bytes, Lanes};

/// Lanes without instructions of their own.
const N: usize = 8;

#[derive(Clone, Copy)]
pub(super) struct F([f32; N]);

fn map2(a: F, b: F, f: impl Fn(f32, f32) -> f32) -> F {
    F(std::array::from_fn(|i| f(a.0[i], b.0[i])))
}

impl Lanes for F {
    const N: usize = N;
    unsafe fn zero() -> Self {
        Self([0.0; N])
    }
    unsafe fn splat(v: f32) -> Self {
        Self([v; N])
    }
    #[inline(always)]
    unsafe fn load(p: *const f32) -> Self {
        Self(p.cast::<[f32; N]>().read_unaligned())
    }
    unsafe fn load_first(p: *const f32, n: usize) -> Self {
        let mut x = [0.0; N];
        x[..n].copy_from_slice(std::slice::from_raw_parts(p, n));
        Self(x)
    }
    #[inline(always)]
    unsafe fn store(self, p: *mut f32) {
        p.cast::<[f32; N]>().write_unaligned(self.0);
    }
    unsafe fn store_first(self, p: *mut f32, n: usize) {
        std::slice::from_raw_parts_mut(p, n).copy_from_slice(&self.0[..n]);
    }
    #[inline(always)]
    unsafe fn add(self, o: Self) -> Self {
        map2(self, o, |a, b| a + b)
    }
    #[inline(always)]
    unsafe fn sub(self, o: Self) -> Self {
        map2(self, o, |a, b| a - b)
    }
    #[inline(always)]
    unsafe fn abs(self) -> Self {
        Self(self.0.map(f32::abs))
    }
    #[inline(always)]
    unsafe fn max(self, o: Self) -> Self {
        map2(self, o, |a, b| if a > b { a } else { b })
    }
    #[inline(always)]
    unsafe fn mul_add(self, b: Self, c: Self) -> Self {
        // Not `f32::mul_add`: without the instruction it is a call.
        map2(map2(self, b, |x, y| x * y), c, |x, y| x + y)
    }
    #[inline(always)]
    unsafe fn rsqrt(self) -> Self {
        Self(self.0.map(|v| 1.0 / v.sqrt()))
    }
    #[inline(always)]
    unsafe fn sum(self) -> f32 {
        let x = self.0;
        ((x[0] + x[4]) + (x[2] + x[6])) + ((x[1] + x[5]) + (x[3] + x[7]))
    }
    #[inline(always)]
    unsafe fn any_ge(self, o: Self) -> bool {
        (0..N).fold(false, |any, i| any | (self.0[i] >= o.0[i]))
    }
    #[inline(always)]
    unsafe fn transpose(from: *const f32, stride: usize, to: *mut f32, to_stride: usize) {
        for i in 0..N {
            for j in 0..N {
                to.add(j * to_stride + i).write(from.add(i * stride + j).read());
            }
        }
    }
    unsafe fn load_f16(p: *const u16) -> Self {
        Self(p.cast::<[u16; N]>().read_unaligned().map(|v| f16::from_bits(v).to_f32()))
    }
    #[inline(always)]
    unsafe fn load_bf16(p: *const u16) -> Self {
        Self(p.cast::<[u16; N]>().read_unaligned().map(|v| bf16::from_bits(v).to_f32()))
    }
    #[inline(always)]
    unsafe fn split_bf16(p: *const u32) -> (Self, Self) {
        let x = p.cast::<[u32; N]>().read_unaligned();
        (Self(x.map(|v| f32::from_bits(v << 16))), Self(x.map(|v| f32::from_bits(v & 0xffff_0000))))
    }
}

pub(super) struct B;

impl Bytes for B {
    type V = [u8; 16];
    type Acc = i32;
    const N: usize = 16;
    unsafe fn zero() -> i32 {
        0
    }
    #[inline(always)]
    unsafe fn load(p: *const u8) -> [u8; 16] {
        p.cast::<[u8; 16]>().read_unaligned()
    }
    unsafe fn load_first(p: *const u8, n: usize) -> [u8; 16] {
        let mut x = [0; 16];
        x[..n].copy_from_slice(std::slice::from_raw_parts(p, n));
        x
    }
    #[inline(always)]
    unsafe fn step<const SA: bool, const SB: bool>(acc: i32, a: [u8; 16], b: [u8; 16]) -> i32 {
        (0..16).fold(acc, |s, i| s.wrapping_add(widen::<SA>(a[i]) * widen::<SB>(b[i])))
    }
    unsafe fn finish<const SA: bool, const SB: bool>(acc: i32) -> i32 {
        acc
    }
}

fn widen<const SIGNED: bool>(x: u8) -> i32 {
    if SIGNED { i32::from(x.cast_signed()) } else { i32::from(x) }
}

/// Four bytes a lane, for sets without an instruction for it.
pub(super) struct Quads;

impl super::maxsim::tile::Words for Quads {
    type V = F;
    type Acc = [i32; N];
    type B = [u32; N];
    unsafe fn begin(start: *const i32) -> [i32; N] {
        start.cast::<[i32; N]>().read_unaligned()
    }
    #[inline(always)]
    unsafe fn load(p: *const u32) -> [u32; N] {
        p.cast::<[u32; N]>().read_unaligned()
    }
    unsafe fn splat(w: u32) -> [u32; N] {
        [w; N]
    }
    #[inline(always)]
    unsafe fn step(acc: [i32; N], document: [u32; N], query: [u32; N]) -> [i32; N] {
        std::array::from_fn(|l| {
            let (d, q) = (document[l].to_le_bytes(), query[l].to_le_bytes());
            (0..4).fold(acc[l], |s, i| s + widen::<false>(d[i]) * widen::<true>(q[i]))
        })
    }
    #[inline(always)]
    unsafe fn end(acc: [i32; N]) -> F {
        F(acc.map(|v| v as f32))
    }
}

super::shells::f32_shells!(F);
super::shells::byte_shells!(B);
super::shells::bit_shells!();
super::shells::half_shell!(F16, super::reduce::F16<F>);
super::shells::half_shell!(BF16, super::reduce::Bf16<F>);
super::shells::gemm_shells!(F, 4, 1, F);
super::shells::maxsim_shell!(MAXSIM_F32, super::maxsim::tile::Floats<super::gemm::tile::Single<F>>, 4);
super::shells::maxsim_shell!(MAXSIM_BF16, super::maxsim::tile::Floats<super::gemm::tile::Split<F>>, 4);
super::shells::maxsim_shell!(MAXSIM_BYTES, Quads, 4);
pub(super) const MAXSIM: super::table::MaxSimKernels =
    super::table::MaxSimKernels { width: N, byte_width: N, f32: MAXSIM_F32, bf16: MAXSIM_BF16, bytes: MAXSIM_BYTES };
