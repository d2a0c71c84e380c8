use vectory_core::alias::Alias;
use vectory_core::{Context, Vectors, rng};

use super::*;

#[test]
fn the_table_of_the_logistic_function_is_close() {
    for i in -900..900 {
        let x = i as f32 / 100.0;
        let want = 1.0 / (1.0 + (-f64::from(x)).exp());
        assert!((f64::from(sigmoid(x)) - want).abs() < 6e-4, "{x}");
        assert!((f64::from(log_sigmoid(x)) - want.ln()).abs() < 1e-5, "{x}");
    }
    assert!(sigmoid(f32::INFINITY) > 0.999 && sigmoid(-f32::INFINITY) < 0.001);
}

/// The loss of one step, in f64.
fn loss(a: &[f32], b: &[f32], labels: &[f32], dim: usize) -> f64 {
    let mut sum = 0.0;
    for x in a.chunks(dim) {
        for (y, label) in b.chunks(dim).zip(labels) {
            let s: f64 = x.iter().zip(y).map(|(u, v)| f64::from(*u) * f64::from(*v)).sum();
            let s = if *label > 0.5 { s } else { -s };
            sum += (1.0 + (-s).exp()).ln();
        }
    }
    sum
}

#[test]
fn a_step_goes_along_the_gradient() {
    use rand::RngExt;
    let (dim, m, n) = (6, 3, 5);
    let mut r = rng::stream(3, "gradient");
    let mut draw = |n: usize| (0..n).map(|_| r.random_range(-0.8f32..0.8)).collect::<Vec<_>>();
    let (a, b) = (draw(m * dim), draw(n * dim));
    let labels = [1.0, 0.0, 0.0, 1.0, 0.0];
    let (mut x, mut y) = (a.clone(), b.clone());
    let (a_ids, b_ids): (Vec<u32>, Vec<u32>) = ((0..m as u32).collect(), (0..n as u32).collect());
    let mut step = Step::default();
    step.take(1.0, (&mut x, &a_ids), (&mut y, &b_ids), &labels, dim);
    let h = 1e-3f32;
    for i in 0..m * dim {
        let (mut up, mut down) = (a.clone(), a.clone());
        up[i] += h;
        down[i] -= h;
        let slope = (loss(&up, &b, &labels, dim) - loss(&down, &b, &labels, dim)) / f64::from(2.0 * h);
        assert!((f64::from(x[i] - a[i]) + slope).abs() < 2e-3, "input {i}: {} {slope}", x[i] - a[i]);
    }
    for i in 0..n * dim {
        let (mut up, mut down) = (b.clone(), b.clone());
        up[i] += h;
        down[i] -= h;
        let slope = (loss(&a, &up, &labels, dim) - loss(&a, &down, &labels, dim)) / f64::from(2.0 * h);
        assert!((f64::from(y[i] - b[i]) + slope).abs() < 2e-3, "output {i}: {} {slope}", y[i] - b[i]);
    }
}

#[test]
fn paths_are_prefix_free_and_short_for_frequent_words() {
    let counts = [40u64, 30, 10, 8, 5, 4, 2, 1];
    let tree = Huffman::new(&counts);
    let code = |w: u32| {
        let (nodes, codes) = tree.path(w);
        assert!(nodes.iter().all(|n| (*n as usize) < counts.len() - 1));
        codes.iter().rev().map(|c| if *c > 0.5 { '1' } else { '0' }).collect::<String>()
    };
    let codes: Vec<String> = (0..8).map(code).collect();
    for (i, a) in codes.iter().enumerate() {
        assert!(codes.iter().enumerate().all(|(j, b)| i == j || !b.starts_with(a.as_str())), "{codes:?}");
    }
    // The cheapest code there is, by a heap.
    let cost: u64 = codes.iter().zip(counts).map(|(c, n)| c.len() as u64 * n).sum();
    assert_eq!(cost, 230);
    assert!(tree.path(0).0.len() < tree.path(7).0.len());
    assert!(Huffman::new(&[]).is_empty());
    assert!(Huffman::new(&[5]).path(0).0.is_empty());
}

#[test]
fn rows_are_kept_to_the_bit_and_each_part_adds_its_own() {
    let v = Vectors::from_slice(&(0..21).map(|i| i as f32 / 3.0).collect::<Vec<_>>(), 7).unwrap();
    let rows = SharedRows::from_vectors(&v);
    assert_eq!(rows.to_vectors().as_slice(), v.as_slice());
    let mut local = Local::new(3, rows.width());
    for id in [2, 0] {
        let place = local.place(id, |out| rows.load(id as usize, out));
        local.row_mut(place).iter_mut().take(7).for_each(|x| *x += 1.0);
    }
    let is_more =
        |row: usize, by: f32| rows.to_vectors().row(row).iter().zip(v.row(row)).all(|(a, b)| (a - b - by).abs() < 1e-5);
    for (part, more) in [[1.0, 0.0, 0.0], [1.0, 0.0, 0.0], [1.0, 0.0, 1.0]].into_iter().enumerate() {
        let what = Merge { pieces: &[local.copies()], rate: 0.0, part: Part::new(part, 3) };
        rows.merge(&what, &mut Merger::default());
        assert!((0..3).all(|row| is_more(row, more[row])), "after part {part}");
    }
    let one = SharedRows::uniform(1000, 5, 0.1, "x", &Context::new(1, 1).unwrap());
    let two = SharedRows::uniform(1000, 5, 0.1, "x", &Context::new(1, 2).unwrap());
    assert_eq!(one.to_vectors().as_slice(), two.to_vectors().as_slice());
}

#[test]
fn targets_are_distinct_and_never_the_word_itself() {
    let output = SharedRows::zeros(4, 2);
    let (mut local, mut t, mut r) = (Local::new(4, 1), Targets::default(), rng::stream(1, "t"));
    let objective = Objective::Negative { noise: Alias::new(&[1.0; 4]).unwrap(), k: 5 };
    for word in 0..4 {
        objective.targets(word, Share::in_a_row(2), &output, &mut local, &mut r, &mut t);
        let mut places = t.places.clone();
        places.sort_unstable();
        places.dedup();
        assert_eq!((places.len(), t.labels[0]), (t.places.len(), 1.0));
        assert!(t.labels[1..].iter().all(|l| *l == 0.0));
    }
}
