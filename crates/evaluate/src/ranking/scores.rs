//! Scores of a run: a value for each query and measure, their means, and how sure the means are.

use serde::Serialize;
use vectory_core::rng;
use vectory_core::stats::bootstrap;

use super::judged::Judged;
use super::{Qrels, RankMeasure, RankingError, Run};

/// What counts.
#[derive(Clone, Debug)]
pub struct RankingParams {
    /// A judged query that the run does not answer counts as 0 (trec_eval's `-c`). Otherwise it is left out.
    pub complete: bool,
    /// A query without any relevant document is left out. trec_eval keeps it, as 0.
    pub drop_without_relevant: bool,
    /// From which grade on a document is relevant (trec_eval's `-l`); nDCG takes all positive grades.
    pub relevance_level: i32,
}

impl Default for RankingParams {
    fn default() -> Self {
        Self { complete: true, drop_without_relevant: true, relevance_level: 1 }
    }
}

/// A value for each measure and query.
#[derive(Clone, Debug, PartialEq)]
pub struct Scores {
    /// The measures, as they were asked for.
    pub measures: Vec<RankMeasure>,
    /// The scored queries, by id.
    pub queries: Vec<String>,
    /// One list of values a measure, in the order of the queries.
    values: Vec<Vec<f64>>,
}

/// One measure of a run in a line.
#[derive(Clone, Debug, Serialize)]
pub struct Summary {
    /// `ndcg@10`, …
    pub measure: String,
    /// The mean over queries (the sum, for counts).
    pub value: f64,
    /// A 95 % bootstrap interval of the mean over queries; none for counts.
    pub interval: Option<(f64, f64)>,
}

/// Scores a run.
///
/// # Errors
/// [`RankingError::Nothing`] when no query is left to be scored.
pub fn evaluate(
    qrels: &Qrels,
    run: &Run,
    measures: &[RankMeasure],
    params: &RankingParams,
) -> Result<Scores, RankingError> {
    let mut out = Scores { measures: measures.to_vec(), queries: Vec::new(), values: vec![Vec::new(); measures.len()] };
    for (query, documents) in qrels.iter() {
        let ranking = match run.ranking(query) {
            Some(r) => r,
            None if params.complete => &[],
            None => continue,
        };
        let judged = Judged::new(ranking, documents, params.relevance_level);
        if judged.relevant == 0 && params.drop_without_relevant {
            continue;
        }
        out.queries.push(query.to_owned());
        for (values, measure) in out.values.iter_mut().zip(measures) {
            values.push(measure.of(&judged));
        }
    }
    if out.queries.is_empty() { Err(nothing(qrels, run, params)) } else { Ok(out) }
}

fn nothing(qrels: &Qrels, run: &Run, params: &RankingParams) -> RankingError {
    let without = qrels.iter().filter(|(_, d)| d.values().all(|g| *g < params.relevance_level)).count();
    RankingError::Nothing {
        judged: qrels.len(),
        without,
        answered: run.len(),
        shared: qrels.iter().filter(|(q, _)| run.ranking(q).is_some()).count(),
    }
}

impl Scores {
    /// The values of measure `m` (its place in [`Scores::measures`]), one a query.
    #[must_use]
    pub fn per_query(&self, m: usize) -> &[f64] {
        &self.values[m]
    }

    /// The mean of measure `m` over queries; for counts, the sum.
    #[must_use]
    pub fn mean(&self, m: usize) -> f64 {
        let sum: f64 = self.values[m].iter().sum();
        // An empty sum is -0.0: adding 0 gives it its usual sign.
        let sum = sum + 0.0;
        if self.measures[m].is_count() { sum } else { sum / self.queries.len() as f64 }
    }

    /// The mean of a measure, if it was asked for.
    #[must_use]
    pub fn get(&self, measure: RankMeasure) -> Option<f64> {
        self.measures.iter().position(|m| *m == measure).map(|m| self.mean(m))
    }

    /// A 95 % interval of the mean of measure `m`: percentiles of 2,000 bootstrap samples of the queries.
    #[must_use]
    pub fn interval(&self, m: usize, seed: u64) -> (f64, f64) {
        let mean = |v: &[f64]| v.iter().sum::<f64>() / v.len() as f64;
        bootstrap(&self.values[m], 2000, &mut rng::stream(seed, "ranking.bootstrap"), mean)
    }

    /// Every measure in a line.
    #[must_use]
    pub fn summary(&self, seed: u64) -> Vec<Summary> {
        (0..self.measures.len())
            .map(|m| Summary {
                measure: self.measures[m].to_string(),
                value: self.mean(m),
                interval: (!self.measures[m].is_count()).then(|| self.interval(m, seed)),
            })
            .collect()
    }
}
