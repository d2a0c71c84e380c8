use proptest::prelude::*;
use rand::RngExt;
use vectory_core::{rng, simd};

use super::*;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn products_are_near_and_equal_on_every_instruction_set(inputs in 1usize..70, columns in 1usize..200, seed in 0u64..1000) {
        let mut r = rng::stream(seed, "byte products");
        let mut draw = |n: usize| (0..n).map(|_| r.random::<f32>() * 2.0 - 1.0).collect::<Vec<f32>>();
        let (rows, query, mut biases) = (draw(inputs * columns), draw(inputs), draw(columns));
        let mut bytes = vec![0; size(inputs, columns)];
        let step = pack(&rows, inputs, &mut bytes);
        biases.resize(columns.next_multiple_of(COLUMNS), f32::NEG_INFINITY);
        let mut row = ByteRow::default();
        row.set(&query);
        let products = ByteMatrix { bytes: &bytes, biases: &biases, step }.by(&row, 2.0, 0.25);
        let mut all = vec![0.0; columns];
        products.all(&mut all);
        for (j, score) in all.iter().enumerate() {
            let exact = 2.0 * simd::dot(&query, &rows[j * inputs..(j + 1) * inputs]) + 0.25 + biases[j];
            prop_assert!((score - exact).abs() < 0.04 * (inputs as f32).sqrt(), "{} {}", score, exact);
        }
        for start in (0..columns).step_by(BATCH) {
            let job = Job { block: start / COLUMNS, floor: 0.3, ..products.job };
            let mut first: Option<(Vec<u32>, u64)> = None;
            for (name, k) in supported() {
                let mut out = [0.0; BATCH];
                // SAFETY: the CPU has them; `by` checked the sizes.
                let above = unsafe { (k.scores)(&job, &mut out) };
                let bits = out.iter().map(|v| v.to_bits()).collect();
                let expected = first.get_or_insert((bits, above)).clone();
                prop_assert_eq!(&out.iter().map(|v| v.to_bits()).collect::<Vec<_>>(), &expected.0, "{}", name);
                prop_assert_eq!(above, expected.1, "{}", name);
                let mut rounded = vec![0i8; inputs];
                // SAFETY: as before.
                let (step, sum) = unsafe { (k.round)(&query, &mut rounded) };
                prop_assert_eq!((step, &rounded[..]), (row.step, &row.values[..inputs]), "{}", name);
                prop_assert_eq!(sum, rounded.iter().map(|v| i32::from(*v)).sum::<i32>());
            }
        }
    }
}

#[test]
fn zeros_and_halves() {
    let mut row = ByteRow::default();
    row.set(&[0.0; 5]);
    assert_eq!((row.step, row.values.as_slice()), (0.0, [0i8; 8].as_slice()));
    assert_eq!([-2.5f32, -1.5, -0.5, 0.5, 1.5, 126.6].map(round_to_i32), [-2, -2, 0, 0, 2, 127]);
    let mut bytes = vec![0; size(5, 3)];
    assert_eq!(pack(&[0.0; 15], 5, &mut bytes), 0.0);
}
