//! GloVe against its own formulas and against a plain rendering of the reference's inner loop.

use super::*;
use crate::checkpoint::Checkpoint;
use crate::words::table::Table;
use crate::words::tiles::Pair;
use vectory_core::Context;
use vectory_core::sparse::Csr;

/// Counts of words that live in two groups: pairs within a group are frequent.
pub(in crate::words) fn groups(words: usize) -> Csr {
    let mut m = Csr::new(words);
    for i in 0..words as u32 {
        let row = (0..words as u32).filter(|j| *j != i);
        m.push_row(row.map(|j| (j, if i % 2 == j % 2 { 40.0 + (i + j) as f32 } else { 2.0 + (i * j % 3) as f32 })));
    }
    m
}

#[test]
fn loss_falls_groups_part_and_threads_do_not_matter() {
    let m = groups(40);
    let params = GloveParams { dim: 8, epochs: 30, ..GloveParams::default() };
    let learn = |threads| glove(m.view(), &params, &Checkpoint::none(), &Context::new(5, threads).unwrap()).unwrap();
    let (one, three) = (learn(1), learn(3));
    assert_eq!(one.vectors.words.as_slice(), three.vectors.words.as_slice());
    let l = &one.vectors.losses;
    assert!(l[29] < 0.2 * l[0], "{l:?}");
    let v = one.vectors.sum();
    let cos = |a: usize, b: usize| vectory_core::simd::cosine(v.row(a), v.row(b));
    assert!(cos(10, 20) > cos(10, 21) + 0.3, "{} {}", cos(10, 20), cos(10, 21));
}

/// The reference's inner loop (doubles, one pair), in plain Rust.
fn reference(w: &mut [f64], gw: &mut [f64], c: &mut [f64], gc: &mut [f64], count: f64, p: &GloveParams) -> f64 {
    // The last place of a row is its bias, as there.
    let d = w.len() - 1;
    let diff = (0..d).map(|k| w[k] * c[k]).sum::<f64>() + w[d] + c[d] - count.ln();
    let weight = if count > f64::from(p.x_max) { 1.0 } else { (count / f64::from(p.x_max)).powf(f64::from(p.alpha)) };
    let slope = weight * diff * f64::from(p.lr);
    for k in 0..d {
        let (s, t) = (slope * c[k], slope * w[k]);
        w[k] -= s / gw[k].sqrt();
        c[k] -= t / gc[k].sqrt();
        gw[k] += s * s;
        gc[k] += t * t;
    }
    w[d] -= slope / gw[d].sqrt();
    c[d] -= slope / gc[d].sqrt();
    gw[d] += slope * slope;
    gc[d] += slope * slope;
    0.5 * weight * diff * diff
}

#[test]
fn a_tile_moves_as_the_reference_moves_it() {
    let params = GloveParams { dim: 19, ..GloveParams::default() };
    let ctx = Context::new(4, 1).unwrap();
    let row = |stage| crate::words::tiles::small_rows(2, 19, stage, &ctx);
    let (mut w, mut c) = (Table::deal(&row("a"), 1, Some(1.0)), Table::deal(&row("b"), 1, Some(1.0)));
    let mut state: Vec<Vec<f64>> = Vec::new();
    for table in [&w, &c] {
        for r in 0..2 {
            let mut values: Vec<f64> = table.rows[r * 19..(r + 1) * 19].iter().map(|v| f64::from(*v)).collect();
            values.push(0.0);
            state.push(values);
        }
    }
    let mut squares = vec![vec![1.0f64; 20]; 4];
    let tile: Vec<Pair> =
        (0..60u16).map(|i| Pair { row: i % 2, column: (i / 2) % 2, count: 0.5 + f32::from(i * 7 % 150) }).collect();
    let ours = train::train(&tile, &mut w.blocks()[0], &mut c.blocks()[0], &params);
    let mut theirs = 0.0;
    for pair in &tile {
        let (i, j) = (pair.row as usize, 2 + pair.column as usize);
        let ((head, tail), (h2, t2)) = (state.split_at_mut(2), squares.split_at_mut(2));
        theirs += reference(&mut head[i], &mut h2[i], &mut tail[j - 2], &mut t2[j - 2], f64::from(pair.count), &params);
    }
    assert!((ours - theirs).abs() < 1e-4 * theirs, "{ours} {theirs}");
    for (r, values) in state.iter().enumerate() {
        let table = if r < 2 { &w } else { &c };
        for (k, v) in values[..19].iter().enumerate() {
            assert!((f64::from(table.rows[(r % 2) * 19 + k]) - v).abs() < 1e-4, "row {r} value {k}");
        }
        assert!((f64::from(table.bias[r % 2]) - values[19]).abs() < 1e-4);
    }
}

#[test]
fn parameters_out_of_range_are_named() {
    let ctx = Context::new(1, 1).unwrap();
    for (params, field) in [
        (GloveParams { dim: 0, ..GloveParams::default() }, "dim"),
        (GloveParams { lr: f32::NAN, ..GloveParams::default() }, "lr"),
        (GloveParams { alpha: 2.0, ..GloveParams::default() }, "alpha"),
    ] {
        let e = glove(groups(4).view(), &params, &Checkpoint::none(), &ctx).unwrap_err().to_string();
        assert!(e.starts_with(field), "{e}");
    }
}

#[test]
fn a_saved_model_is_as_sure_as_before() {
    let (m, ctx) = (groups(40), Context::new(5, 1).unwrap());
    let params = GloveParams { dim: 6, epochs: 20, ..GloveParams::default() };
    let model = glove(m.view(), &params, &Checkpoint::none(), &ctx).unwrap();
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("g.safetensors");
    model.save(&path, &params).unwrap();
    let (again, read) = Glove::open(&path).unwrap();
    assert_eq!(read, params);
    let word = |g: &Glove, i| certainty::GloveCertainty::new(m.view(), g, &params).unwrap().word(i).unwrap().unwrap();
    let (a, b) = (word(&model, 10), word(&again, 10));
    assert_eq!((a.vector.clone(), a.covariance.data.clone()), (b.vector, b.covariance.data));
    // Of one group: nearer to each other than to the other group, and surely so.
    let near = certainty::nearer(&a, &word(&model, 20), &word(&model, 21));
    assert!(near.value > 0.3 && near.p_value() < 0.01, "{near:?}");
    // Six contexts are too few for six dimensions.
    let few =
        vectory_core::sparse::Csr { offsets: vec![0, 6], columns: (0..6).collect(), values: vec![2.0; 6], cols: 40 };
    assert!(certainty::GloveCertainty::new(few.view(), &model, &params).unwrap().word(0).unwrap().is_none());
}
