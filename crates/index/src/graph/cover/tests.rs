use rand::RngExt;
use vectory_core::{Context, Metric, Vectors, rng};

use super::*;
use crate::graph::{Graph, GraphParams, Near, by_score, prune, replace};
use crate::testing::clusters;

const METRICS: [Metric; 3] = [Metric::L2, Metric::Cosine, Metric::Dot];

/// Evenly filled: no rows are much nearer to each other than others.
fn even(rows: usize, dim: usize) -> Vectors {
    let mut r = rng::stream(5, "cover rows");
    let mut v = Vectors::zeros(rows, dim);
    v.as_mut_slice().iter_mut().for_each(|x| *x = r.random::<f32>() - 0.3);
    v
}

fn built(rows: &Vectors, metric: Metric) -> Parts {
    let ctx = Context::new(1, 2).unwrap();
    let mut parts = Graph::build(rows.view(), metric, &GraphParams::default(), &ctx).unwrap().to_parts();
    parts.measure_doubt(rows.view());
    parts
}

/// Answers as the one who asks them would: by all values.
fn exactly<'a>(judge: &Judge<'a>) -> Judge<'a> {
    Judge { rows: judge.rows, codes: None, ceiling: judge.ceiling }
}

#[test]
fn codes_answer_as_the_rows_do() {
    for (metric, dim) in METRICS.into_iter().flat_map(|m| [(m, 60), (m, 150)]) {
        let rows = even(1500, dim);
        let parts = built(&rows, metric);
        let judge = parts.judge(rows.view());
        assert!(judge.codes.is_some(), "{metric} {dim}: codes are not believed");
        let exact = exactly(&judge);
        let (mut ready, mut plain) = (Ready::default(), Ready::default());
        let (mut same, mut all, mut met) = (0, 0, 0);
        for id in 0..300 {
            let others: Vec<u32> = parts.links().of(id).collect();
            judge.ready(id, &mut ready);
            exact.ready(id, &mut plain);
            // A bar in the middle of the scores, where it is hardest.
            let mut scores = vec![0.0; others.len()];
            judge.rows.scores(&judge.rows.row_query(id), &others, &mut scores);
            scores.sort_unstable_by(f32::total_cmp);
            let bar = 0.5 * (scores[scores.len() / 2] + scores[scores.len() / 2 - 1]);
            let floor = |j: usize| bar + 1e-3 * j as f32;
            let found = judge.nearer(&ready, &others, bar, floor);
            let wanted = exact.nearer(&plain, &others, bar, floor);
            all += others.len();
            same += others.len() - (found ^ wanted).count_ones() as usize;
            met += wanted.count_ones() as usize;
            let bar = scores[scores.len() - 1];
            assert!(!judge.any_nearer(&ready, &others, bar + 0.5 * (judge.ceiling - bar)), "{metric} {dim} {id}");
            assert!(judge.any_nearer(&ready, &others, bar - 0.2 * (judge.ceiling - bar)), "{metric} {dim} {id}");
        }
        assert!(met > all / 4 && met < 3 * all / 4, "{metric} {dim}: {met} of {all} are near");
        assert!(same * 100 > all * 97, "{metric} {dim}: {same} of {all} are as by the rows");
    }
}

#[test]
fn codes_are_not_asked_of_rows_that_differ_in_what_they_leave_out() {
    // Pairs that are nearer to each other than the steps of the codes.
    let mut rows = even(2000, 40);
    for i in (0..2000).step_by(20) {
        let first = rows.row(i).to_vec();
        for j in 1..20 {
            let far: Vec<f32> = rows.row(i + j).iter().zip(&first).map(|(v, f)| f + 1e-4 * v).collect();
            rows.row_mut(i + j).copy_from_slice(&far);
        }
    }
    for metric in METRICS {
        let parts = built(&rows, metric);
        let judge = parts.judge(rows.view());
        let exact = exactly(&judge);
        let (mut ready, mut plain) = (Ready::default(), Ready::default());
        for id in 0..200 {
            judge.ready(id, &mut ready);
            exact.ready(id, &mut plain);
            let group = id / 20 * 20;
            let others: Vec<u32> = (group..group + 20).filter(|other| *other != id).collect();
            let mut scores = vec![0.0; others.len()];
            judge.rows.scores(&judge.rows.row_query(id), &others, &mut scores);
            let (lowest, floor) = (scores.iter().copied().fold(f32::INFINITY, f32::min), |j: usize| scores[18 - j]);
            let (found, wanted) =
                (judge.nearer(&ready, &others, lowest, floor), exact.nearer(&plain, &others, lowest, floor));
            // Values alone tell a middle score from its own last bits.
            assert!((found ^ wanted) & !(1 << 9) == 0, "{metric} {id}: {found:b}, not {wanted:b}");
            for floor in &scores {
                let floor = floor + 0.5 * (judge.ceiling - floor).abs();
                assert_eq!(judge.any_nearer(&ready, &others, floor), exact.any_nearer(&plain, &others, floor));
            }
        }
    }
}

#[test]
fn long_lists_are_thinned_as_short_ones() {
    let rows = clusters(600, 12, 3);
    let parts = built(&rows, Metric::L2);
    let judge = exactly(&parts.judge(rows.view()));
    let query = judge.rows.row_query(0);
    let mut near: Vec<Near> = (1..400).map(|id| Near { score: judge.rows.score(&query, id), id }).collect();
    near.sort_unstable_by(by_score);
    let mut ready = Ready::default();
    let covers = |a: u32, b: &Near, alpha: f32| {
        alpha * (judge.ceiling - judge.rows.score(&judge.rows.row_query(a), b.id)) <= judge.ceiling - b.score
    };
    for alpha in [1.0, 1.05, 1.2] {
        let mut kept = Vec::new();
        prune(&judge, &near, 300, alpha, &mut ready, &mut kept);
        let mut wanted: Vec<Near> = Vec::new();
        for c in &near {
            if !wanted.iter().any(|k| covers(k.id, c, alpha)) {
                wanted.push(*c);
            }
        }
        assert_eq!(kept, wanted[..wanted.len().min(300)]);
        // What comes to a full list is covered by what is nearer, or takes the place of all that it covers, or of the last.
        for id in 400..600 {
            let new = Near { score: judge.rows.score(&query, id), id };
            let (mut list, mut wanted) = (near[..200].to_vec(), near[..200].to_vec());
            replace(&judge, &mut list, new, alpha, &mut ready);
            let place = wanted.partition_point(|n| by_score(n, &new).is_lt());
            if !wanted[..place].iter().any(|n| covers(id, &Near { score: new.score, id: n.id }, alpha)) && place < 200 {
                let tail: Vec<Near> = wanted.drain(place..).filter(|n| !covers(id, n, alpha)).collect();
                wanted.push(new);
                wanted.extend(tail);
                wanted.truncate(200);
            }
            assert_eq!(list, wanted, "{alpha} {id}");
        }
    }
}
