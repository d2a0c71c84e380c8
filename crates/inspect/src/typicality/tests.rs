//! A set with a known margin: two clouds, a few rows with the wrong label, a few between the clouds.

use rand::RngExt;
use vectory_core::{Vectors, rng};

use super::*;

fn set(flipped: usize) -> Labelled {
    let mut r = rng::stream(8, "typicality tests");
    let mut rows = Vectors::zeros(300, 4);
    let mut labels = Vec::new();
    for i in 0..300 {
        let class = i % 2;
        let centre = if class == 0 { -1.5 } else { 1.5 };
        rows.row_mut(i).iter_mut().for_each(|v| *v = r.random_range(-1.0..1.0));
        rows.row_mut(i)[0] += centre;
        labels.push(if (class == 0) == (i < flipped) { "b" } else { "a" });
    }
    Labelled::new(rows, &labels).unwrap()
}

fn ctx() -> Context {
    Context::new(2, 2).unwrap()
}

#[test]
fn wrong_labels_come_last_and_the_ways_agree() {
    let set = set(12);
    let found = typicality(&set, &TypicalityParams::default(), &ctx()).unwrap();
    for (way, name) in WAYS.iter().enumerate() {
        let ranks = &found.ranks[way];
        assert!(ranks.iter().all(|r| (0.0..=1.0).contains(r)), "{name}");
        // A linear model does not learn a wrong label by heart: ret and agr cannot see it.
        let wrong = ranks[..12].iter().sum::<f64>() / 12.0;
        assert!(wrong < 0.4 || way == 1 || way == 2, "{name} ranks wrong labels at {wrong}");
    }
    assert!(found.doubtful().iter().take(12).all(|i| *i < 12));
    assert!(found.correlation[0][3] > 0.3 && (found.correlation[0][0] - 1.0).abs() < 1e-12);
    assert_eq!(found, typicality(&set, &TypicalityParams::default(), &Context::new(2, 1).unwrap()).unwrap());
}

#[test]
fn nets_show_labels_that_they_learned_by_heart() {
    let set = set(12);
    let nets = Some(NetParams { hidden: 128, epochs: 500 });
    let found = typicality(&set, &TypicalityParams { nets, ..TypicalityParams::default() }, &ctx()).unwrap();
    for way in [1, 2, 3] {
        let wrong = found.ranks[way][..12].iter().sum::<f64>() / 12.0;
        assert!(wrong < 0.35, "{} ranks wrong labels at {wrong}", WAYS[way]);
    }
}

#[test]
fn three_classes_and_kinds() {
    // Class a has a second, small home that only its own rows teach.
    let mut r = rng::stream(9, "typicality tests");
    let mut rows = Vectors::zeros(330, 6);
    let mut labels = Vec::new();
    for i in 0..330 {
        rows.row_mut(i).iter_mut().for_each(|v| *v = r.random_range(-0.4..0.4));
        let (axis, name) = if i >= 300 { (5, "a") } else { (i % 3, ["a", "b", "c"][i % 3]) };
        rows.row_mut(i)[axis] += 2.0;
        labels.push(name);
    }
    let set = Labelled::new(rows, &labels).unwrap();
    let found = typicality(&set, &TypicalityParams::default(), &ctx()).unwrap();
    assert!(found.doubtful().is_empty(), "{:?}", found.doubtful());
    let kinds = found.kinds(&set, &ctx()).unwrap();
    assert!(kinds.iter().all(|k| k.len() >= 10));
}

#[test]
fn wrong_input_is_named() {
    let few = Labelled::new(Vectors::zeros(4, 2), &["a", "b", "a", "b"]).unwrap();
    assert!(typicality(&few, &TypicalityParams::default(), &ctx()).is_err());
    let wrong = TypicalityParams { budgets: vec![1.0, 0.5], ..TypicalityParams::default() };
    assert!(typicality(&set(0), &wrong, &ctx()).unwrap_err().to_string().contains("budgets"));
    let mut nan = set(0);
    nan.rows.row_mut(3)[1] = f32::NAN;
    assert!(typicality(&nan, &TypicalityParams::default(), &ctx()).unwrap_err().to_string().contains("row 3"));
}
