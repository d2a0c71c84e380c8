//! Protocols on classes that are known to be apart, and on labels that mean nothing.

use rand::RngExt;
use vectory_core::{Context, Metric, Vectors, rng};

use super::clusters::of_groups;
use super::*;

fn set(n: usize, apart: f32) -> Labelled {
    let mut r = rng::stream(3, "protocol tests");
    let mut rows = Vectors::zeros(n, 6);
    let mut names = Vec::new();
    for i in 0..n {
        rows.row_mut(i).iter_mut().for_each(|v| *v = r.random_range(-1.0..1.0));
        rows.row_mut(i)[i % 3] += apart;
        names.push(["ant", "bee", "cat"][i % 3]);
    }
    Labelled::new(rows, &names).unwrap()
}

#[test]
fn classes_apart_are_found_by_all_and_chance_by_none() {
    let ctx = Context::new(1, 2).unwrap();
    for (apart, low, high) in [(5.0, 0.97, 1.0), (0.0, 0.2, 0.5)] {
        let all = set(300, apart);
        let split = all.split(1).unwrap();
        assert_eq!((split.train.labels.len(), split.test.labels.len()), (240, 60));
        let values = [
            linear_probe(&split, &ctx).unwrap().0.accuracy,
            nearest(&split, 5, Metric::Cosine, &ctx).unwrap().macro_f1,
            few_shot(&split, 8, 3, &ctx).unwrap().summary(|s| s.accuracy).0,
            retrieval(&all, Metric::L2, &ctx).unwrap().recall_at_1,
            clustering(&all, &ctx).unwrap().purity,
        ];
        assert!(values.iter().all(|v| (low..=high).contains(v)), "{apart}: {values:?}");
    }
}

#[test]
fn an_uncertainty_that_knows_and_one_that_does_not() {
    let ctx = Context::new(1, 2).unwrap();
    let all = set(300, 1.2);
    let near = vectory_core::neighbors::exact_self(all.view(), Metric::Cosine, 1, &ctx).unwrap();
    let knows: Vec<f64> = near
        .iter()
        .enumerate()
        .map(|(i, h)| f64::from(u8::from(all.labels[h[0].id as usize] != all.labels[i])))
        .collect();
    assert_eq!(uncertainty(&all, &knows, &ctx).unwrap().r_auroc, 1.0);
    let blind: Vec<f64> = (0..300).map(|i| (rng::mix(i) % 1000) as f64).collect();
    let r = uncertainty(&all, &blind, &ctx).unwrap().r_auroc;
    assert!((0.4..0.6).contains(&r), "{r}");
    assert!(uncertainty(&all, &[1.0], &ctx).is_err());
    assert!(uncertainty(&all, &[f64::NAN; 300], &ctx).is_err());
}

#[test]
fn groups_by_hand() {
    let same = of_groups(&[0, 0, 1, 1], &[1, 1, 0, 0]);
    assert_eq!((same.nmi, same.adjusted_rand, same.purity), (1.0, 1.0, 1.0));
    let blind = of_groups(&[0, 0, 1, 1], &[0, 1, 0, 1]);
    assert_eq!((blind.nmi, blind.purity), (0.0, 0.5));
}

#[test]
fn the_table_is_whole_and_wrong_input_is_named() {
    let ctx = Context::new(1, 2).unwrap();
    let model =
        |name: &str, apart| FeetModel { name: name.into(), split: set(150, apart).split(1).unwrap(), tuned: None };
    let params = FeetParams { shots: vec![2, 4], draws: 3 };
    let table = feet(&[model("a_good", 4.0), model("b", 0.5)], &params, &ctx).unwrap();
    assert_eq!(table.settings, ["2-shot", "4-shot", "frozen"]);
    assert!(table.accuracy[0][2].unwrap().value > 95.0 && table.delta[0][2] == Some(0.0));
    let (markdown, latex) = (table.markdown(), table.latex());
    assert!(markdown.contains("| a_good | **") && markdown.contains(" ± "), "{markdown}");
    assert!(latex.contains("a\\_good & \\textbf{") && latex.matches("\\begin{tabular}").count() == 3, "{latex}");
    let split = set(150, 1.0).split(1).unwrap();
    assert!(few_shot(&split, 500, 1, &ctx).unwrap_err().to_string().contains("class `ant`"));
    assert!(nearest(&split, 0, Metric::L2, &ctx).is_err());
    assert!(
        Labelled::new(Vectors::zeros(2, 1), &["a"]).is_err()
            && Labelled::new(Vectors::zeros(2, 1), &["a", "a"]).is_err()
    );
    assert!(set(9, 1.0).split(1).is_err());
}

#[test]
fn bins_follow_the_uncertainty() {
    let right: Vec<bool> = (0..200).map(|i| i % 200 < 100 || i % 7 == 0).collect();
    let knows: Vec<f64> = (0..200).map(f64::from).collect();
    let found = binned(&right, &knows, 10).unwrap();
    assert_eq!((found.bins.len(), found.bins[0].rows, found.bins[0].recall), (10, 20, 1.0));
    assert!(found.spearman < -0.7 && found.score > 0.5, "{found:?}");
    let blind = binned(&[true; 40], &knows[..40], 10).unwrap();
    assert_eq!((blind.spearman, blind.score), (0.0, 0.0));
    assert!(binned(&right[..19], &knows, 10).is_none());
}

#[test]
fn a_copy_is_no_answer() {
    // Each row has a copy of another class: without copies the nearest is of the same class.
    let mut all = set(60, 6.0);
    let mut rows = Vectors::zeros(120, 6);
    (0..120).for_each(|i| rows.row_mut(i).copy_from_slice(all.rows.row(i % 60)));
    all.rows = rows;
    let wrong: Vec<u32> = all.labels.iter().map(|l| (l + 1) % 3).collect();
    all.labels.extend(wrong);
    let right = nearest_is_right(&all, &Context::new(1, 1).unwrap()).unwrap();
    assert!(right.iter().filter(|r| **r).count() > 40, "{right:?}");
}
