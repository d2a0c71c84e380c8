//! NEON: 4 lanes.
#![allow(unsafe_op_in_unsafe_fn, reason = "`Lanes` states the contract once")]

use std::arch::aarch64::*;

use half::f16;

use super::lanes::{Bytes, Lanes, newton_rsqrt};

pub(super) type F = float32x4_t;

impl Lanes for float32x4_t {
    const N: usize = 4;
    #[inline(always)]
    unsafe fn zero() -> Self {
        vdupq_n_f32(0.0)
    }
    #[inline(always)]
    unsafe fn splat(v: f32) -> Self {
        vdupq_n_f32(v)
    }
    #[inline(always)]
    unsafe fn load(p: *const f32) -> Self {
        vld1q_f32(p)
    }
    #[inline(always)]
    unsafe fn load_first(p: *const f32, n: usize) -> Self {
        let mut x = [0.0f32; 4];
        x[..n].copy_from_slice(std::slice::from_raw_parts(p, n));
        vld1q_f32(x.as_ptr())
    }
    #[inline(always)]
    unsafe fn store(self, p: *mut f32) {
        vst1q_f32(p, self);
    }
    #[inline(always)]
    unsafe fn store_first(self, p: *mut f32, n: usize) {
        let mut x = [0.0f32; 4];
        vst1q_f32(x.as_mut_ptr(), self);
        std::slice::from_raw_parts_mut(p, n).copy_from_slice(&x[..n]);
    }
    #[inline(always)]
    unsafe fn add(self, o: Self) -> Self {
        vaddq_f32(self, o)
    }
    #[inline(always)]
    unsafe fn sub(self, o: Self) -> Self {
        vsubq_f32(self, o)
    }
    #[inline(always)]
    unsafe fn abs(self) -> Self {
        vabsq_f32(self)
    }
    #[inline(always)]
    unsafe fn max(self, o: Self) -> Self {
        vmaxq_f32(self, o)
    }
    #[inline(always)]
    unsafe fn mul_add(self, b: Self, c: Self) -> Self {
        vfmaq_f32(c, self, b)
    }
    #[inline(always)]
    unsafe fn rsqrt(self) -> Self {
        newton_rsqrt(self, newton_rsqrt(self, vrsqrteq_f32(self)))
    }
    #[inline(always)]
    unsafe fn sum(self) -> f32 {
        vaddvq_f32(self)
    }
    #[inline(always)]
    unsafe fn any_ge(self, o: Self) -> bool {
        vmaxvq_u32(vcgeq_f32(self, o)) != 0
    }
    #[inline(always)]
    unsafe fn transpose(from: *const f32, stride: usize, to: *mut f32, to_stride: usize) {
        let (a, b) = (vld1q_f32(from), vld1q_f32(from.add(stride)));
        let (c, d) = (vld1q_f32(from.add(2 * stride)), vld1q_f32(from.add(3 * stride)));
        let (even, odd) = (vreinterpretq_f64_f32(vtrn1q_f32(a, b)), vreinterpretq_f64_f32(vtrn2q_f32(a, b)));
        let (even2, odd2) = (vreinterpretq_f64_f32(vtrn1q_f32(c, d)), vreinterpretq_f64_f32(vtrn2q_f32(c, d)));
        vst1q_f32(to, vreinterpretq_f32_f64(vtrn1q_f64(even, even2)));
        vst1q_f32(to.add(to_stride), vreinterpretq_f32_f64(vtrn1q_f64(odd, odd2)));
        vst1q_f32(to.add(2 * to_stride), vreinterpretq_f32_f64(vtrn2q_f64(even, even2)));
        vst1q_f32(to.add(3 * to_stride), vreinterpretq_f32_f64(vtrn2q_f64(odd, odd2)));
    }
    #[inline(always)]
    unsafe fn load_f16(p: *const u16) -> Self {
        // The half-precision intrinsics are not stable; four conversions are.
        let x = p.cast::<[u16; 4]>().read_unaligned().map(|v| f16::from_bits(v).to_f32());
        vld1q_f32(x.as_ptr())
    }
    #[inline(always)]
    unsafe fn load_bf16(p: *const u16) -> Self {
        vreinterpretq_f32_u32(vshlq_n_u32::<16>(vmovl_u16(vld1_u16(p))))
    }
    #[inline(always)]
    unsafe fn split_bf16(p: *const u32) -> (Self, Self) {
        let x = vld1q_u32(p);
        let odd = vandq_u32(x, vdupq_n_u32(0xffff_0000));
        (vreinterpretq_f32_u32(vshlq_n_u32::<16>(x)), vreinterpretq_f32_u32(odd))
    }
}

/// 16 bytes a step: widened to 16 bits, multiplied into 32.
pub(super) struct B;

#[inline(always)]
unsafe fn widen<const SIGNED: bool>(x: uint8x8_t) -> int16x8_t {
    if SIGNED { vmovl_s8(vreinterpret_s8_u8(x)) } else { vreinterpretq_s16_u16(vmovl_u8(x)) }
}

#[inline(always)]
unsafe fn add_products(acc: int32x4_t, a: int16x8_t, b: int16x8_t) -> int32x4_t {
    let acc = vmlal_s16(acc, vget_low_s16(a), vget_low_s16(b));
    vmlal_s16(acc, vget_high_s16(a), vget_high_s16(b))
}

impl Bytes for B {
    type V = uint8x16_t;
    type Acc = int32x4_t;
    const N: usize = 16;
    #[inline(always)]
    unsafe fn zero() -> int32x4_t {
        vdupq_n_s32(0)
    }
    #[inline(always)]
    unsafe fn load(p: *const u8) -> uint8x16_t {
        vld1q_u8(p)
    }
    #[inline(always)]
    unsafe fn load_first(p: *const u8, n: usize) -> uint8x16_t {
        let mut x = [0u8; 16];
        x[..n].copy_from_slice(std::slice::from_raw_parts(p, n));
        vld1q_u8(x.as_ptr())
    }
    #[inline(always)]
    unsafe fn step<const SA: bool, const SB: bool>(acc: int32x4_t, a: uint8x16_t, b: uint8x16_t) -> int32x4_t {
        let acc = add_products(acc, widen::<SA>(vget_low_u8(a)), widen::<SB>(vget_low_u8(b)));
        add_products(acc, widen::<SA>(vget_high_u8(a)), widen::<SB>(vget_high_u8(b)))
    }
    #[inline(always)]
    unsafe fn finish<const SA: bool, const SB: bool>(acc: int32x4_t) -> i32 {
        vaddvq_s32(acc)
    }
}

super::shells::f32_shells!(F, "neon");
super::shells::half_shell!(F16, super::reduce::F16<F>, "neon");
super::shells::half_shell!(BF16, super::reduce::Bf16<F>, "neon");
super::shells::byte_shells!(B, "neon");
super::shells::bit_shells!("neon");
super::shells::gemm_shells!(F, 8, 3, F, "neon");
super::shells::maxsim_shell!(MAXSIM_F32, super::maxsim::tile::Floats<super::gemm::tile::Single<F>>, 6, "neon");
super::shells::maxsim_shell!(MAXSIM_BF16, super::maxsim::tile::Floats<super::gemm::tile::Split<F>>, 4, "neon");
pub(super) const MAXSIM: super::table::MaxSimKernels =
    super::table::MaxSimKernels { width: 4, f32: MAXSIM_F32, bf16: MAXSIM_BF16, ..super::scalar::MAXSIM };
