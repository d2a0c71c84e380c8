//! Series, valleys and agreement by hand.

use vectory_core::{Context, Vectors};

use super::*;

#[test]
fn series_valleys_and_novelty() {
    let rows = Vectors::from_slice(&[1.0, 0.0, 1.0, 0.0, 0.0, 1.0, 0.0, 1.0], 2).unwrap();
    assert_eq!(series(rows.view(), 1), [1.0, 0.0, 1.0]);
    assert_eq!(series(rows.view(), 2), [0.0, 0.0]);
    assert_eq!(novelty(rows.view()), [1.0, 0.0, 1.0, 0.0]);
    assert_eq!(depth(&[1.0, 0.0, 1.0]), [0.0, 2.0, 0.0]);
    assert_eq!(smooth(&[0.0, 3.0, 0.0], 1), [1.5, 1.0, 1.5]);
}

#[test]
fn agreement_is_surer_than_chance_only_where_there_is_some() {
    let a: Vec<f64> = (0..200).map(|i| (vectory_core::rng::mix(i) % 100) as f64).collect();
    let near: Vec<f64> =
        a.iter().enumerate().map(|(i, v)| v + (vectory_core::rng::mix(i as u64 + 999) % 60) as f64).collect();
    let found = agreement(&a, &near, 1).unwrap();
    assert!(found.pearson > 0.7 && found.p < 0.01, "{found:?}");
    let other: Vec<f64> = (0..200).map(|i| (vectory_core::rng::mix(i + 5000) % 100) as f64).collect();
    let none = agreement(&a, &other, 1).unwrap();
    assert!(none.pearson.abs() < 0.25 && none.p > 0.02, "{none:?}");
    assert_eq!(agreement(&a, &[1.0; 200], 1), None);
}

#[test]
fn the_report_is_whole_for_short_texts_too() {
    let ctx = Context::new(1, 1).unwrap();
    for n in [1usize, 2, 300] {
        let values: Vec<f32> = (0..n * 4).map(|i| (vectory_core::rng::mix(i as u64) % 100) as f32).collect();
        let rows = Vectors::from_slice(&values, 4).unwrap();
        let sentences: Vec<String> = (0..n).map(|i| format!("sentence {i}")).collect();
        let both = [("a".to_owned(), rows.view()), ("b".to_owned(), rows.view())];
        let found = report("t", &sentences, &both, &ctx);
        assert_eq!(found.sections.len(), 4);
        let page = crate::render::html(&found);
        assert!(page.contains("<svg") && !page.contains("NaN"), "{n}");
    }
}
