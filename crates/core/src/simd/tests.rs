//! Every instruction set of this machine against plain f64 arithmetic: odd lengths, unaligned slices, NaN and infinity.

use half::{bf16, f16};
use proptest::prelude::*;
use rand::{Rng, RngExt};

use super::gemm::Job;
use super::gemm::pack::{Shape, pack, to_pairs};
use super::table::{Kernels, Op, supported};
use crate::rng;

fn draw(n: usize, seed: u64) -> Vec<f32> {
    let mut r = rng::stream(seed, "simd tests");
    (0..n).map(|_| r.random_range(-1.0..1.0)).collect()
}

fn reference(op: Op, a: &[f32], b: &[f32]) -> f64 {
    let one = |(x, y): (&f32, &f32)| {
        let (x, y) = (f64::from(*x), f64::from(*y));
        match op {
            Op::Dot => x * y,
            Op::L2 => (x - y) * (x - y),
            Op::L1 => (x - y).abs(),
        }
    };
    a.iter().zip(b).map(one).sum()
}

/// f32 sums of n terms of size up to 4.
fn tolerance(n: usize) -> f64 {
    1e-6 * (1.0 + n as f64)
}

fn pair(k: &Kernels, op: Op, a: &[f32], b: &[f32]) -> f32 {
    // SAFETY: `supported` gave `k`; both slices have the same length.
    unsafe { (k.f32.pair[op as usize])(a, b) }
}

#[test]
fn pairs_equal_f64_for_all_short_lengths_and_offsets() {
    let (x, y) = (draw(1600, 1), draw(1600, 2));
    for k in supported() {
        for n in (0..=67).chain([96, 127, 384, 1000, 1536]) {
            for offset in [0, 1, 3] {
                let (a, b) = (&x[offset..offset + n], &y[2 * offset..2 * offset + n]);
                for op in [Op::Dot, Op::L2, Op::L1] {
                    let (got, want) = (f64::from(pair(&k, op, a, b)), reference(op, a, b));
                    assert!((got - want).abs() <= tolerance(n), "{} {op:?} n {n}: {got} {want}", k.name);
                }
                // SAFETY: as in `pair`.
                let parts = unsafe { (k.f32.cosine_parts)(a, b) };
                for (p, (u, v)) in parts.iter().zip([(a, b), (a, a), (b, b)]) {
                    assert!((f64::from(*p) - reference(Op::Dot, u, v)).abs() <= tolerance(n), "{} n {n}", k.name);
                }
            }
        }
    }
}

#[test]
fn cosines_of_tiny_huge_and_zero_vectors() {
    for k in supported() {
        for scale in [1e-22f32, 1e-12, 1.0, 1e12, 1e17] {
            let (a, b): (Vec<f32>, Vec<f32>) =
                draw(70, 13).iter().zip(draw(70, 14)).map(|(x, y)| (x * scale, y)).unzip();
            let want = reference(Op::Dot, &a, &b) / (reference(Op::Dot, &a, &a) * reference(Op::Dot, &b, &b)).sqrt();
            // SAFETY: as in `pair`.
            let (got, zero) = unsafe { ((k.f32.cosine)(&a, &b), (k.f32.cosine)(&a, &[0.0; 70])) };
            // At 1e-22 the squared norm itself is a subnormal f32 of few digits.
            let tolerance = if scale < 1e-20 { 0.2 } else { 1e-5 };
            assert!((f64::from(got) - want).abs() < tolerance, "{} {scale}: {got} {want}", k.name);
            assert_eq!(zero, 0.0);
        }
    }
}

#[test]
fn rows_and_gathers_equal_pairs() {
    for k in supported() {
        for d in [1, 7, 16, 31, 48, 96, 100] {
            let (q, base) = (draw(d, 3), draw(d * 11, 4));
            let ids: Vec<u32> = vec![10, 0, 3, 3, 9, 1, 2, 7, 5];
            for op in [Op::Dot, Op::L2, Op::L1] {
                let (mut all, mut some) = (vec![0.0; 11], vec![0.0; ids.len()]);
                // SAFETY: `supported` gave `k`; `base` holds 11 rows.
                unsafe {
                    (k.f32.rows[op as usize])(&q, &base, &mut all);
                    (k.f32.at[op as usize])(&q, &base, &ids, &mut some);
                }
                for (i, v) in all.iter().enumerate() {
                    let want = reference(op, &q, &base[i * d..(i + 1) * d]);
                    assert!((f64::from(*v) - want).abs() < tolerance(d), "{} {op:?} d {d} row {i}", k.name);
                }
                for (id, v) in ids.iter().zip(&some) {
                    let want = reference(op, &q, &base[*id as usize * d..][..d]);
                    assert!((f64::from(*v) - want).abs() < tolerance(d), "{} {op:?} d {d} id {id}", k.name);
                }
            }
        }
    }
}

#[test]
fn nan_and_infinity_go_through() {
    for k in supported() {
        for n in [1, 5, 16, 33, 67] {
            for at in [0, n / 2, n - 1] {
                let (mut a, b) = (vec![1.0; n], vec![2.0; n]);
                a[at] = f32::NAN;
                for op in [Op::Dot, Op::L2, Op::L1] {
                    assert!(pair(&k, op, &a, &b).is_nan(), "{} {op:?} n {n}", k.name);
                }
                a[at] = f32::INFINITY;
                for op in [Op::Dot, Op::L2, Op::L1] {
                    assert_eq!(pair(&k, op, &a, &b), f32::INFINITY, "{} {op:?} n {n}", k.name);
                }
            }
        }
    }
}

#[test]
fn axpy_and_position() {
    for k in supported() {
        for n in 0..67 {
            let (x, mut y) = (draw(n, 5), draw(n + 1, 6));
            let before = y.clone();
            // SAFETY: `supported` gave `k`; the slices are equally long.
            unsafe { (k.f32.axpy)(0.5, &x, &mut y[..n]) };
            for i in 0..n {
                assert!((y[i] - (before[i] + 0.5 * x[i])).abs() < 1e-6);
            }
            assert_eq!(y[n], before[n], "{} wrote past the end", k.name);
            let mut v = vec![f32::NAN; n];
            for start in [0, n / 2] {
                for at in start..n {
                    v[at] = 1.0;
                    // SAFETY: `supported` gave `k`.
                    assert_eq!(unsafe { (k.f32.position_ge)(&v, start, 1.0) }, at, "{} n {n}", k.name);
                    v[at] = 0.5;
                }
                // SAFETY: `supported` gave `k`.
                assert_eq!(unsafe { (k.f32.position_ge)(&v, start, 1.0) }, n);
            }
        }
    }
}

#[test]
fn twice_less_writes_all_and_gives_the_largest() {
    for k in supported() {
        for n in 0..67 {
            let (mut x, y) = (draw(n + 1, 7), draw(n, 8));
            let (wanted, last): (Vec<f32>, f32) = (x.iter().zip(&y).map(|(x, y)| 2.0 * x - y).collect(), x[n]);
            // SAFETY: `supported` gave `k`; the slices are equally long.
            let largest = unsafe { (k.f32.twice_less)(&mut x[..n], &y) };
            assert_eq!(x[..n], wanted, "{} n {n}", k.name);
            assert_eq!(largest, wanted.iter().copied().fold(f32::NEG_INFINITY, f32::max), "{} n {n}", k.name);
            assert_eq!(x[n], last, "{} wrote past the end", k.name);
        }
    }
}

#[test]
fn stretched_rows_have_the_length_that_is_told() {
    for k in supported() {
        for n in 0..67 {
            let mut x = draw(n + 1, 9);
            let (wanted, last): (Vec<f32>, f32) = (x[..n].iter().map(|x| -1.5 * x).collect(), x[n]);
            // SAFETY: `supported` gave `k`.
            let squares = f64::from(unsafe { (k.f32.stretch)(-1.5, &mut x[..n]) });
            let sum: f64 = wanted.iter().map(|v| f64::from(*v) * f64::from(*v)).sum();
            assert_eq!(x[..n], wanted, "{} n {n}", k.name);
            assert!((squares - sum).abs() <= 1e-6 * sum, "{} n {n}: {squares} {sum}", k.name);
            assert_eq!(x[n], last, "{} wrote past the end", k.name);
        }
    }
}

#[test]
fn bytes_are_exact_at_the_extremes_too() {
    let mut r = rng::stream(7, "bytes");
    for k in supported() {
        for n in (0..=67).chain([127, 128, 1000, 4097]) {
            for extreme in [false, true] {
                let mut byte =
                    || if extreme { [0u8, 127, 128, 255][(r.next_u32() % 4) as usize] } else { r.next_u32() as u8 };
                let a: Vec<u8> = (0..n).map(|_| byte()).collect();
                let b: Vec<u8> = (0..n).map(|_| byte()).collect();
                let sum = |f: &dyn Fn(u8, u8) -> i32| a.iter().zip(&b).map(|(x, y)| f(*x, *y)).sum::<i32>();
                let s = |x: u8| i32::from(x.cast_signed());
                // SAFETY: `supported` gave `k`; both slices have the same length.
                let got = unsafe { [(k.bytes.i8_i8)(&a, &b), (k.bytes.u8_i8)(&a, &b), (k.bytes.u8_u8)(&a, &b)] };
                let want = [
                    sum(&|x, y| s(x) * s(y)),
                    sum(&|x, y| i32::from(x) * s(y)),
                    sum(&|x, y| i32::from(x) * i32::from(y)),
                ];
                assert_eq!(got, want, "{} n {n}", k.name);
            }
        }
    }
}

#[test]
fn bits_are_counted() {
    let mut r = rng::stream(8, "bits");
    for k in supported() {
        for n in 0..40 {
            let a: Vec<u64> = (0..n).map(|_| r.next_u64()).collect();
            let b: Vec<u64> = (0..n).map(|_| r.next_u64()).collect();
            let want =
                |f: fn(u64, u64) -> u64| a.iter().zip(&b).map(|(x, y)| u64::from(f(*x, *y).count_ones())).sum::<u64>();
            // SAFETY: `supported` gave `k`; both slices have the same length.
            let got = unsafe { [(k.bits.xor)(&a, &b), (k.bits.and)(&a, &b)] };
            assert_eq!(got, [want(|x, y| x ^ y), want(|x, y| x & y)], "{} n {n}", k.name);
        }
    }
}

#[test]
fn halves_equal_their_widened_values() {
    for k in supported() {
        for n in (0..=67).chain([384, 1001]) {
            let (x, y) = (draw(n, 9), draw(n, 10));
            let to_f16 = |v: &[f32]| v.iter().map(|x| f16::from_f32(*x)).collect::<Vec<_>>();
            let to_bf16 = |v: &[f32]| v.iter().map(|x| bf16::from_f32(*x)).collect::<Vec<_>>();
            let (a, b, c, d) = (to_f16(&x), to_f16(&y), to_bf16(&x), to_bf16(&y));
            // SAFETY: `supported` gave `k`; the slices have the same length.
            let (h, bf) = unsafe {
                (
                    (k.f16)(bytemuck::cast_slice(&a), bytemuck::cast_slice(&b)),
                    (k.bf16)(bytemuck::cast_slice(&c), bytemuck::cast_slice(&d)),
                )
            };
            let want_h: f64 = a.iter().zip(&b).map(|(x, y)| x.to_f64() * y.to_f64()).sum();
            let want_bf: f64 = c.iter().zip(&d).map(|(x, y)| x.to_f64() * y.to_f64()).sum();
            assert!((f64::from(h) - want_h).abs() < tolerance(n), "{} f16 n {n}", k.name);
            assert!((f64::from(bf) - want_bf).abs() < tolerance(n), "{} bf16 n {n}", k.name);
        }
    }
}

/// A product by the given kernels, whatever this machine's best are.
fn product(k: &Kernels, a: &[f32], b: &[f32], (m, n, len): (usize, usize, usize), bf16: bool) -> Vec<f32> {
    let (mut pa, mut pb, mut wa, mut wb) = (vec![], vec![], a.to_vec(), b.to_vec());
    let mut words = len;
    if bf16 {
        to_pairs(a, len, &mut wa);
        to_pairs(b, len, &mut wb);
        words = len.div_ceil(2);
    }
    pack(&wa, Shape { rows: m, words, width: k.gemm.rows, pad: false }, k.gemm.pack_a, &mut pa);
    pack(&wb, Shape { rows: n, words, width: k.gemm.width, pad: true }, k.gemm.pack_b, &mut pb);
    let mut c = vec![f32::NAN; m * n];
    let run = if bf16 { k.gemm.bf16 } else { k.gemm.f32 };
    // SAFETY: `supported` gave `k`; the lengths fit.
    unsafe { run(&mut Job { a: &pa, b: &pb, c: &mut c, m, n, words, ldc: n }) };
    c
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn products_equal_f64(m in 1usize..90, n in 1usize..120, k in 1usize..60, long in any::<bool>(), seed in any::<u64>()) {
        let k = if long { k * 17 } else { k };
        let (a, b) = (draw(m * k, seed), draw(n * k, seed ^ 1));
        let mut best = vec![0.0; m * n];
        super::gemm_nt(super::GemmNt { a: &a, b: &b, c: &mut best, m, n, k });
        for set in supported() {
            let exact = product(&set, &a, &b, (m, n, k), false);
            let rough = product(&set, &a, &b, (m, n, k), true);
            for i in 0..m {
                for j in 0..n {
                    let want = reference(Op::Dot, &a[i * k..(i + 1) * k], &b[j * k..(j + 1) * k]);
                    for (got, tol) in [(exact[i * n + j], tolerance(k)), (best[i * n + j], tolerance(k)), (rough[i * n + j], 0.006 * (k as f64).sqrt() + 0.002)] {
                        prop_assert!((f64::from(got) - want).abs() <= tol, "{} {m}×{n}×{k} at {i},{j}: {got} {want}", set.name);
                    }
                }
            }
        }
    }
}

#[test]
fn an_element_does_not_depend_on_its_place() {
    let (m, n, k) = (19, 77, 400);
    let (a, b) = (draw(m * k, 11), draw(n * k, 12));
    let packed = super::PackedB::new(&b, n, k);
    let mut whole = vec![0.0; m * n];
    super::gemm_packed(&a, &packed, &mut whole);
    for i in 0..m {
        let mut one = vec![0.0; n];
        super::gemm_packed(&a[i * k..(i + 1) * k], &packed, &mut one);
        assert_eq!(one, whole[i * n..(i + 1) * n]);
    }
    let tail = super::PackedB::new(&b[50 * k..], n - 50, k);
    let mut part = vec![0.0; m * (n - 50)];
    super::gemm_packed(&a, &tail, &mut part);
    for i in 0..m {
        assert_eq!(part[i * (n - 50)..(i + 1) * (n - 50)], whole[i * n + 50..(i + 1) * n]);
    }
}

#[test]
fn adagrad_steps_equal_plain_arithmetic() {
    for k in supported() {
        for n in (1..=40).chain([100, 300]) {
            for sum in [false, true] {
                let (a, b) = (draw(n, 21), draw(n, 22));
                let squares = |seed| draw(n, seed).iter().map(|v| v.abs() + 0.5).collect::<Vec<f32>>();
                let (ga, gb) = (squares(23), squares(24));
                let (mut x, mut gx, mut y, mut gy) = (a.clone(), ga.clone(), b.clone(), gb.clone());
                let mut step =
                    super::PairStep { a: &mut x, a_squares: &mut gx, b: &mut y, b_squares: &mut gy, slope: 0.3 };
                // SAFETY: `supported` gave `k`; the slices have the same length.
                unsafe { if sum { (k.f32.step_sum)(&mut step) } else { (k.f32.step_product)(&mut step) } }
                for i in 0..n {
                    let (fa, fb) = if sum { (a[i] + b[i], a[i] + b[i]) } else { (b[i], a[i]) };
                    let (sa, sb) = (0.3 * fa, 0.3 * fb);
                    let want = [a[i] - sa / ga[i].sqrt(), ga[i] + sa * sa, b[i] - sb / gb[i].sqrt(), gb[i] + sb * sb];
                    for (got, want) in [x[i], gx[i], y[i], gy[i]].iter().zip(want) {
                        assert!((got - want).abs() < 2e-6, "{} n {n} at {i}: {got} {want}", k.name);
                    }
                }
            }
        }
    }
}
