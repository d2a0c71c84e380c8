use proptest::prelude::*;

use super::super::table::supported;
use super::*;
use crate::rng;
use rand::RngExt;

fn draw(n: usize, seed: u64) -> Vec<f32> {
    let mut r = rng::stream(seed, "maxsim tests");
    (0..n).map(|_| r.random_range(-1.0..1.0)).collect()
}

/// In f64, from the values that the bytes stand for.
fn reference(query: &[f32], document: &[f32], dim: usize) -> f64 {
    let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(x, y)| f64::from(*x) * f64::from(*y)).sum::<f64>();
    let best = |q: &[f32]| document.chunks_exact(dim).map(|d| dot(q, d)).fold(f64::NEG_INFINITY, f64::max);
    query.chunks_exact(dim).map(best).sum()
}

fn stored(rows: &[f32], dim: usize, form: TokenForm) -> (Vec<u8>, Vec<f32>) {
    let (mut bytes, mut scales) = (Vec::new(), Vec::new());
    match form {
        TokenForm::F32 => bytes.extend(rows.iter().flat_map(|v| v.to_le_bytes())),
        TokenForm::Bf16 => {
            let mut pairs = Vec::new();
            to_pairs(rows, dim, &mut pairs);
            bytes.extend(pairs.iter().flat_map(|v| v.to_bits().to_le_bytes()));
        }
        TokenForm::Bytes => {
            for row in rows.chunks_exact(dim) {
                let (mut words, mut scale) = (Vec::new(), 0.0);
                quantize(row, &mut scale, &mut words);
                bytes.extend(words.iter().flat_map(|w| (w ^ 0x8080_8080).to_le_bytes()));
                scales.push(scale);
            }
        }
    }
    (bytes, scales)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn every_form_is_near_plain_arithmetic(
        dim in 1usize..70, tokens in 0usize..40, rows in 1usize..40, seed in any::<u64>(), which in 0usize..3,
    ) {
        let (query, document) = (draw(dim * tokens, seed), draw(dim * rows, seed ^ 1));
        let form = [TokenForm::F32, TokenForm::Bf16, TokenForm::Bytes][which];
        let (bytes, scales) = stored(&document, dim, form);
        let got = MaxSimQuery::new(&query, dim, form).score(TokenRows { rows: &bytes, scales: &scales, base: None }, &mut Vec::new());
        let want = reference(&query, &document, dim);
        let error = match form { TokenForm::F32 => 1e-6, TokenForm::Bf16 => 8e-3, TokenForm::Bytes => 1e-2 };
        prop_assert!((f64::from(got) - want).abs() <= error * (1.0 + (tokens * dim) as f64), "{form:?} {got} {want}");
    }

    #[test]
    fn every_instruction_set_equals_scalar(
        dim in 1usize..70, tokens in 1usize..40, rows in 1usize..40, seed in any::<u64>(), which in 0usize..3, shared: bool,
    ) {
        let (query, document) = (draw(dim * tokens, seed), draw(dim * rows, seed ^ 1));
        let form = [TokenForm::F32, TokenForm::Bf16, TokenForm::Bytes][which];
        let (bytes, scales) = stored(&document, dim, form);
        let mut all = Vec::new();
        for k in supported() {
            let width = if form == TokenForm::Bytes { k.maxsim.byte_width } else { k.maxsim.width };
            let packed = MaxSimQuery::new(&query, dim, form);
            // Packed anew for the width of this set.
            let (words, lanes) = (packed.words, tokens.next_multiple_of(width));
            let mut panels = vec![0; lanes * words];
            for t in 0..tokens {
                for w in 0..words {
                    panels[t / width * width * words + w * width + t % width] =
                        packed.panels[t / packed.width * packed.width * words + w * packed.width + t % packed.width];
                }
            }
            let mut start = packed.start.clone();
            start.resize(lanes.max(tokens), 0);
            let table: Vec<f32> = (0..2 * lanes).map(|i| (i / lanes * 5 + i % lanes) as f32).collect();
            let ids: Vec<u32> = (0..rows as u32).map(|r| r % 2).collect();
            let base = shared.then_some(Base { table: &table, ids: &ids });
            let mut best = vec![f32::NEG_INFINITY; lanes];
            let run = match form { TokenForm::F32 => k.maxsim.f32, TokenForm::Bf16 => k.maxsim.bf16, TokenForm::Bytes => k.maxsim.bytes };
            let mut job = Job { panels: &panels, words, start: &start, rows: &bytes, n: rows, scales: &scales, base, best: &mut best };
            // SAFETY: `supported` gave `k`; everything is as long as `score` makes it.
            unsafe { run(&mut job) };
            best.truncate(tokens);
            all.push((k.name, best));
        }
        for (name, best) in &all[1..] {
            for (a, b) in best.iter().zip(&all[0].1) {
                prop_assert!((a - b).abs() <= 1e-5 * (1.0 + dim as f32), "{name} {form:?} {a} {b}");
            }
        }
    }
}

#[test]
fn no_tokens_on_either_side() {
    let query = MaxSimQuery::new(&[1.0, 0.0], 2, TokenForm::F32);
    let none = TokenRows { rows: &[], scales: &[], base: None };
    assert_eq!(query.score(none, &mut Vec::new()), f32::NEG_INFINITY);
    assert_eq!(MaxSimQuery::new(&[], 2, TokenForm::F32).score(none, &mut Vec::new()), 0.0);
}
