//! Our values against those of the reference implementations (`gold/make.py` made them), and what must always hold.

use std::collections::HashMap;
use std::path::PathBuf;

use proptest::prelude::*;
use serde::Deserialize;

use super::*;

#[derive(Deserialize)]
struct Gold {
    ties: Ties,
    strict: Strict,
}

#[derive(Deserialize)]
struct Ties {
    qrels: HashMap<String, HashMap<String, i32>>,
    run: HashMap<String, HashMap<String, f64>>,
    per_query: HashMap<String, HashMap<String, f64>>,
}

#[derive(Deserialize)]
struct Strict {
    qrels: HashMap<String, HashMap<String, i32>>,
    run: HashMap<String, HashMap<String, f64>>,
    means: HashMap<String, f64>,
}

fn gold() -> Gold {
    serde_json::from_str(include_str!("../../gold/ranking.json")).unwrap()
}

fn qrels(q: &HashMap<String, HashMap<String, i32>>) -> Qrels {
    Qrels::from_rows(q.iter().flat_map(|(q, docs)| docs.iter().map(move |(d, g)| (q, d, *g)))).unwrap()
}

fn run(r: &HashMap<String, HashMap<String, f64>>) -> Run {
    Run::from_rows(r.iter().flat_map(|(q, docs)| docs.iter().map(move |(d, s)| (q, d, *s as f32)))).unwrap()
}

#[test]
fn every_query_and_measure_agrees_with_trec_eval() {
    let Ties { qrels: q, run: r, per_query } = gold().ties;
    let names: Vec<&String> = per_query["q0"].keys().collect();
    let measures: Vec<RankMeasure> = names.iter().map(|n| n.parse().unwrap()).collect();
    assert_eq!(measures.len(), 19);
    let params = RankingParams { complete: false, drop_without_relevant: false, ..Default::default() };
    let scores = evaluate(&qrels(&q), &run(&r), &measures, &params).unwrap();
    assert_eq!(scores.queries.len(), per_query.len());
    for (m, name) in names.iter().enumerate() {
        for (query, got) in scores.queries.iter().zip(scores.per_query(m)) {
            let expected = per_query[query][*name];
            assert!((got - expected).abs() < 1e-6, "{name} of {query}: {got}, trec_eval says {expected}");
        }
    }
}

#[test]
fn means_agree_with_ranx() {
    let Strict { qrels: q, run: r, means } = gold().strict;
    let names: Vec<&String> = means.keys().collect();
    let measures: Vec<RankMeasure> = names.iter().map(|n| n.parse().unwrap()).collect();
    let scores = evaluate(&qrels(&q), &run(&r), &measures, &RankingParams::default()).unwrap();
    for (m, name) in names.iter().enumerate() {
        assert!((scores.mean(m) - means[*name]).abs() < 1e-6, "{name}: {}, ranx says {}", scores.mean(m), means[*name]);
    }
}

#[test]
fn unanswered_and_unanswerable_queries_count_as_chosen() {
    let q = Qrels::from_rows([("a", "x", 1), ("b", "x", 1), ("c", "x", 0)]).unwrap();
    let r = Run::from_rows([("a", "x", 1.0), ("c", "x", 1.0)]).unwrap();
    let mean = |complete, drop_without_relevant| {
        let p = RankingParams { complete, drop_without_relevant, ..Default::default() };
        evaluate(&q, &r, &[RankMeasure::Map(None)], &p).unwrap().mean(0)
    };
    assert_eq!(mean(true, true), 0.5);
    assert_eq!(mean(false, true), 1.0);
    assert_eq!(mean(true, false), 1.0 / 3.0);
}

#[test]
fn ties_go_to_the_larger_id_and_the_query_itself_can_be_left_out() {
    let r = Run::from_rows([("q", "d10", 1.0), ("q", "d2", 1.0), ("q", "q", 3.0), ("q", "n", f32::NAN)]).unwrap();
    let ids = |r: &Run| r.ranking("q").unwrap().iter().map(|d| d.0.clone()).collect::<Vec<_>>();
    assert_eq!(ids(&r), ["q", "d2", "d10", "n"]);
    assert_eq!(ids(&r.without_self()), ["d2", "d10", "n"]);
}

#[test]
fn wrong_input_is_named() {
    let twice = Run::from_rows([("q", "d", 1.0), ("q", "d", 2.0)]).unwrap_err();
    assert_eq!(twice, RankingError::Retrieved { query: "q".into(), document: "d".into() });
    assert!(matches!(Qrels::from_rows([("q", "d", 1), ("q", "d", 2)]), Err(RankingError::Judged { first: 1, .. })));
    let q = Qrels::from_rows([("1", "d", 1)]).unwrap();
    let none = RankingParams { complete: false, ..Default::default() };
    let error = evaluate(&q, &Run::from_rows([("01", "d", 1.0)]).unwrap(), &[RankMeasure::Bpref], &none).unwrap_err();
    assert_eq!(error, RankingError::Nothing { judged: 1, without: 0, answered: 1, shared: 0 });
    for bad in ["ndgc@10", "p", "recall@0", "ndcg@x", ""] {
        assert!(bad.parse::<RankMeasure>().is_err(), "{bad}");
    }
}

#[test]
fn a_clear_difference_is_significant_and_none_is_not() {
    let q = Qrels::from_rows((0..40).map(|i| (format!("q{i}"), "r", 1))).unwrap();
    let rows = |rank: fn(usize) -> usize| {
        let rows = (0..40).flat_map(move |i| {
            (0..5).map(move |p| (format!("q{i}"), if p == rank(i) { "r".into() } else { format!("x{p}") }, -(p as f32)))
        });
        evaluate(&q, &Run::from_rows(rows).unwrap(), &[RankMeasure::Mrr(None)], &RankingParams::default()).unwrap()
    };
    let (good, bad, same) = (rows(|i| i % 2), rows(|i| 2 + i % 2), rows(|i| (i + 1) % 2));
    let clear = compare(&good, &bad, 0, 1).unwrap();
    assert!(clear.p_value < 0.001 && clear.difference > 0.4 && clear.better == 40, "{clear:?}");
    let none = compare(&good, &same, 0, 1).unwrap();
    assert!(none.p_value > 0.9 && none.difference == 0.0, "{none:?}");
    let (low, high) = good.interval(0, 1);
    assert!(low < 0.75 && 0.75 < high && high - low < 0.2, "{low} {high}");
}

proptest! {
    #[test]
    fn values_stay_between_zero_and_one_and_the_ideal_run_reaches_one(
        grades in prop::collection::vec(-1i32..4, 1..30),
        scores in prop::collection::vec(-2i32..3, 30),
    ) {
        prop_assume!(grades.iter().any(|g| *g > 0));
        let q = Qrels::from_rows(grades.iter().enumerate().map(|(i, g)| ("q", format!("d{i}"), *g))).unwrap();
        let all = [RankMeasure::Ndcg(None), RankMeasure::Ndcg(Some(3)), RankMeasure::Map(None), RankMeasure::Mrr(Some(2)),
            RankMeasure::Bpref, RankMeasure::RPrecision, RankMeasure::Recall(5), RankMeasure::Precision(5), RankMeasure::Judged(3)];
        let of = |score: &dyn Fn(usize) -> f32| {
            let r = Run::from_rows((0..grades.len()).map(|i| ("q", format!("d{i}"), score(i)))).unwrap();
            evaluate(&q, &r, &all, &RankingParams::default()).unwrap()
        };
        let any = of(&|i| scores[i] as f32);
        for (m, measure) in all.iter().enumerate() {
            prop_assert!((0.0..=1.0 + 1e-12).contains(&any.mean(m)), "{} {}", measure, any.mean(m));
        }
        let ideal = of(&|i| grades[i] as f32);
        for (m, measure) in all.iter().enumerate().take(6) {
            prop_assert!((ideal.mean(m) - 1.0).abs() < 1e-12, "{} {}", measure, ideal.mean(m));
        }
    }
}

/// scikit-learn's values over inputs of the shared gold folder, beside the data folder.
#[test]
fn rankings_agree_with_scikit_learn() {
    let data = std::env::var_os("VECTORY_DATA")
        .map_or_else(|| PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data")), PathBuf::from);
    let dir = data.join("../gold/ranking");
    if !dir.is_dir() {
        eprintln!("skipped: no gold values at {} (set VECTORY_DATA)", dir.display());
        return;
    }
    let read = |name: &str| vectory_io::vectors::read_all(&dir.join(name)).unwrap().rows;
    let json: serde_json::Value = serde_json::from_slice(&fs_err::read(dir.join("gold.json")).unwrap()).unwrap();
    let (grades, scores) = (read("relevance.npy"), read("rank_scores.npy"));
    let rows = |v: &[f32]| -> Vec<(String, String, f32)> {
        v.iter().enumerate().map(|(i, v)| (format!("q{:02}", i / 50), format!("d{:02}", i % 50), *v)).collect()
    };
    let qrels = Qrels::from_rows(rows(grades.as_slice()).into_iter().map(|(q, d, v)| (q, d, v as i32))).unwrap();
    let run = Run::from_rows(rows(scores.as_slice())).unwrap();
    let measures =
        [RankMeasure::Ndcg(Some(10)), RankMeasure::Mrr(None), RankMeasure::Map(None), RankMeasure::Recall(10)];
    let params = RankingParams { relevance_level: 2, ..Default::default() };
    let got = evaluate(&qrels, &run, &measures, &params).unwrap();
    for (m, name) in ["ndcg10_linear_gain", "mrr_rel2", "map_rel2", "recall10_rel2"].into_iter().enumerate() {
        let expected = json["values"][name].as_f64().unwrap();
        assert!((got.mean(m) - expected).abs() <= 1e-5 * expected.abs(), "{name}: {}, gold {expected}", got.mean(m));
    }
}
