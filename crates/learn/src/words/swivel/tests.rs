//! Swivel on small matrices.

use super::*;
use crate::checkpoint::Checkpoint;
use crate::words::glove::tests::groups;
use vectory_core::{Context, simd};

fn small() -> SwivelParams {
    SwivelParams { dim: 8, epochs: 60, shard: 16, ..SwivelParams::default() }
}

#[test]
fn loss_falls_groups_part_and_threads_do_not_matter() {
    let m = groups(50);
    let learn = |threads| swivel(m.view(), &small(), &Checkpoint::none(), &Context::new(5, threads).unwrap()).unwrap();
    let (one, three) = (learn(1), learn(3));
    assert_eq!(one.words.as_slice(), three.words.as_slice());
    assert!(one.losses[59] < 0.5 * one.losses[0], "{:?}", one.losses);
    let v = one.sum();
    let cos = |a: usize, b: usize| simd::cosine(v.row(a), v.row(b));
    assert!(cos(10, 20) > cos(10, 21) + 0.3, "{} {}", cos(10, 20), cos(10, 21));
}

#[test]
fn unseen_pairs_are_pushed_apart_only_where_zeros_count() {
    // Two groups that never meet.
    let mut m = vectory_core::sparse::Csr::new(40);
    for i in 0..40u32 {
        m.push_row((0..40u32).filter(|j| *j != i && i % 2 == j % 2).map(|j| (j, 5.0)));
    }
    let ctx = Context::new(1, 1).unwrap();
    let mean = |zeros| {
        let v = swivel(m.view(), &SwivelParams { zeros, ..small() }, &Checkpoint::none(), &ctx).unwrap();
        let c = v.contexts.unwrap();
        (0..20).map(|i| simd::dot(v.words.row(2 * i), c.row(2 * i + 1))).sum::<f32>() / 20.0
    };
    let (with, without) = (mean(true), mean(false));
    assert!(with < without - 0.5, "{with} {without}");
}

#[test]
fn parameters_out_of_range_are_named() {
    let ctx = Context::new(1, 1).unwrap();
    for (params, field) in [
        (SwivelParams { shard: 3, ..small() }, "shard"),
        (SwivelParams { base: -1.0, ..small() }, "base"),
        (SwivelParams { epochs: 0, ..small() }, "epochs"),
    ] {
        assert!(
            swivel(groups(20).view(), &params, &Checkpoint::none(), &ctx).unwrap_err().to_string().starts_with(field)
        );
    }
}
