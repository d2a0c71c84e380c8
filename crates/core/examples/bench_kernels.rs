//! Prints one JSON line a kernel: what, shape, nanoseconds a call or GFLOP/s, CPU seconds where they matter.
//! For tuning; the comparison with peers is `benches/kernels.py`.

use std::hint::black_box;
use std::time::Instant;

use vectory_core::cluster::{self, Init, KMeansParams};
use vectory_core::simd::{self, GemmNt, Op, PackedB, PackedBf16};
use vectory_core::{Context, VectorsRef};

fn main() {
    let which: Vec<String> = std::env::args().skip(1).collect();
    let wanted = |name: &str| which.is_empty() || which.iter().any(|w| w == name);
    if wanted("gemm") {
        gemm();
    }
    if wanted("pairs") {
        pairs();
    }
    if wanted("kmeans") {
        kmeans();
    }
}

/// Deterministic values in (-1, 1).
fn values(n: usize, seed: u64) -> Vec<f32> {
    (0..n as u64).map(|i| (vectory_core::rng::mix(seed ^ i) >> 40) as f32 / (1u64 << 23) as f32 - 1.0).collect()
}

/// Seconds that this thread has had a CPU: what a busy machine does not distort (Linux; elsewhere the clock).
fn cpu_seconds(start: Instant) -> f64 {
    let stat = fs_err::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let nanoseconds: Option<f64> = stat.split(' ').next().and_then(|s| s.parse().ok());
    nanoseconds.map_or(start.elapsed().as_secs_f64(), |n| n / 1e9)
}

/// Median CPU seconds a call over rounds of about 20 ms.
fn seconds(mut f: impl FnMut()) -> f64 {
    f();
    let start = Instant::now();
    f();
    let calls = ((0.02 / start.elapsed().as_secs_f64().max(1e-9)) as usize).clamp(1, 10_000_000);
    let mut rounds: Vec<f64> = (0..9)
        .map(|_| {
            let before = cpu_seconds(start);
            (0..calls).for_each(|_| f());
            (cpu_seconds(start) - before) / calls as f64
        })
        .collect();
    rounds.sort_by(f64::total_cmp);
    rounds[rounds.len() / 2]
}

fn pairs() {
    for d in [96, 128, 256, 384, 768, 1024, 1536] {
        let (a, b) = (values(d, 1), values(d, 2));
        let report = |name: &str, s: f64| println!("{{\"kernel\":\"{name}\",\"d\":{d},\"ns\":{:.2}}}", s * 1e9);
        report("dot", seconds(|| _ = black_box(simd::dot(black_box(&a), black_box(&b)))));
        report("l2_sq", seconds(|| _ = black_box(simd::l2_sq(black_box(&a), black_box(&b)))));
        report("cosine", seconds(|| _ = black_box(simd::cosine(black_box(&a), black_box(&b)))));
        let n = 64;
        let (base, mut out) = (values(d * n, 3), vec![0.0; n]);
        let mut each = |name: &str, op| {
            report(name, seconds(|| simd::rows(op, black_box(&a), black_box(&base), &mut out)) / n as f64);
        };
        each("dot_rows", Op::Dot);
        each("l2_rows", Op::L2);
        let (x, y): (Vec<i8>, Vec<i8>) =
            (a.iter().map(|v| (v * 127.0) as i8).collect(), b.iter().map(|v| (v * 127.0) as i8).collect());
        report("dot_i8", seconds(|| _ = black_box(simd::dot_i8(black_box(&x), black_box(&y)))));
        let (x, y): (Vec<u64>, Vec<u64>) =
            (0..d as u64 / 64).map(|i| (vectory_core::rng::mix(i), vectory_core::rng::mix(!i))).unzip();
        report("hamming", seconds(|| _ = black_box(simd::hamming(black_box(&x), black_box(&y)))));
        let h = |v: &[f32]| v.iter().map(|x| half::f16::from_f32(*x)).collect::<Vec<_>>();
        let (x, y) = (h(&a), h(&b));
        report("dot_f16", seconds(|| _ = black_box(simd::dot_f16(black_box(&x), black_box(&y)))));
        let h = |v: &[f32]| v.iter().map(|x| half::bf16::from_f32(*x)).collect::<Vec<_>>();
        let (x, y) = (h(&a), h(&b));
        report("dot_bf16", seconds(|| _ = black_box(simd::dot_bf16(black_box(&x), black_box(&y)))));
    }
}

fn gemm() {
    for (m, n, k) in [
        (64, 1024, 384),
        (512, 512, 512),
        (256, 1536, 384),
        (256, 384, 1536),
        (1000, 1024, 768),
        (1000, 1000, 1024),
        (8, 384, 384),
        (1, 384, 384),
        (37, 384, 384),
    ] {
        let (a, b, mut c) = (values(m * k, 1), values(n * k, 2), vec![0.0; m * n]);
        let flops = 2.0 * (m * n * k) as f64;
        let report = |name: &str, s: f64| {
            println!("{{\"kernel\":\"{name}\",\"m\":{m},\"n\":{n},\"k\":{k},\"gflops\":{:.1}}}", flops / s / 1e9);
        };
        report("gemm_nt", seconds(|| simd::gemm_nt(GemmNt { a: &a, b: &b, c: black_box(&mut c), m, n, k })));
        let packed = PackedB::new(&b, n, k);
        report("gemm_packed", seconds(|| simd::gemm_packed(&a, &packed, black_box(&mut c))));
        let packed = PackedBf16::new(&b, n, k);
        report("gemm_packed_bf16", seconds(|| simd::gemm_packed_bf16(&a, &packed, black_box(&mut c))));
    }
}

fn kmeans() {
    let Ok(ctx) = Context::new(1, 2) else { return };
    for (n, d, k) in [(100_000, 96, 1024), (100_000, 8, 256), (50_000, 384, 256)] {
        let rows = values(n * d, 5);
        let Ok(rows) = VectorsRef::new(&rows, d) else { return };
        let params =
            KMeansParams { k, init: Init::Random, max_iterations: 10, tolerance: 0.0, ..KMeansParams::default() };
        let start = Instant::now();
        let inertia = cluster::kmeans(rows, &params, &ctx).map(|f| f.inertia).unwrap_or(f64::NAN);
        let seconds = start.elapsed().as_secs_f64();
        println!(
            "{{\"kernel\":\"kmeans\",\"n\":{n},\"d\":{d},\"k\":{k},\"seconds\":{seconds:.3},\"inertia\":{inertia:.1}}}"
        );
    }
}
