//! One query's ranking with the grades laid over it, and the arithmetic of each measure.

use std::collections::HashMap;

/// The grades of a ranking, in its order, and what could have been reached.
pub(super) struct Judged {
    /// Grade of each retrieved document; `None` where nobody judged it.
    grades: Vec<Option<i32>>,
    /// Positive grades of all judged documents, best first.
    ideal: Vec<i32>,
    /// From which grade on a document is relevant.
    level: i32,
    /// Judged documents of at least that grade.
    pub(super) relevant: usize,
    /// Judged documents from grade 0 up to below it.
    not_relevant: usize,
}

impl Judged {
    pub(super) fn new(ranking: &[(String, f32)], judged: &HashMap<String, i32>, level: i32) -> Self {
        let grades = ranking.iter().map(|(d, _)| judged.get(d).copied()).collect();
        let mut ideal: Vec<i32> = judged.values().copied().filter(|g| *g > 0).collect();
        ideal.sort_unstable_by(|a, b| b.cmp(a));
        Self {
            grades,
            ideal,
            level,
            relevant: judged.values().filter(|g| **g >= level).count(),
            not_relevant: judged.values().filter(|g| (0..level).contains(*g)).count(),
        }
    }

    fn is_relevant(&self, grade: Option<i32>) -> bool {
        grade.is_some_and(|g| g >= self.level)
    }

    fn first(&self, k: Option<usize>) -> &[Option<i32>] {
        &self.grades[..k.unwrap_or(usize::MAX).min(self.grades.len())]
    }

    pub(super) fn retrieved(&self) -> usize {
        self.grades.len()
    }

    pub(super) fn relevant_in(&self, k: usize) -> usize {
        self.first(Some(k)).iter().filter(|g| self.is_relevant(**g)).count()
    }

    /// Share of judged documents among the first k retrieved (1 when nothing is retrieved: nothing is unjudged).
    pub(super) fn judged_in(&self, k: usize) -> f64 {
        let first = self.first(Some(k));
        if first.is_empty() {
            return 1.0;
        }
        first.iter().filter(|g| g.is_some()).count() as f64 / first.len() as f64
    }

    pub(super) fn ndcg(&self, k: Option<usize>) -> f64 {
        let gained = dcg(self.first(k).iter().map(|g| g.unwrap_or(0)));
        let best = dcg(self.ideal.iter().copied().take(k.unwrap_or(usize::MAX)));
        if best > 0.0 { gained / best } else { 0.0 }
    }

    pub(super) fn average_precision(&self, k: Option<usize>) -> f64 {
        let (mut seen, mut sum) = (0usize, 0.0);
        for (rank, grade) in self.first(k).iter().enumerate() {
            if self.is_relevant(*grade) {
                seen += 1;
                sum += seen as f64 / (rank + 1) as f64;
            }
        }
        if self.relevant == 0 { 0.0 } else { sum / self.relevant as f64 }
    }

    pub(super) fn reciprocal_rank(&self, k: Option<usize>) -> f64 {
        let rank = self.first(k).iter().position(|g| self.is_relevant(*g));
        rank.map_or(0.0, |r| 1.0 / (r + 1) as f64)
    }

    /// trec_eval's bpref (Buckley and Voorhees 2004): negative grades count as not judged.
    pub(super) fn bpref(&self) -> f64 {
        let (mut worse, mut sum) = (0usize, 0.0);
        for grade in self.grades.iter().flatten() {
            if *grade >= self.level {
                let lost = worse.min(self.relevant) as f64 / self.not_relevant.min(self.relevant).max(1) as f64;
                sum += 1.0 - lost;
            } else if *grade >= 0 {
                worse += 1;
            }
        }
        if self.relevant == 0 { 0.0 } else { sum / self.relevant as f64 }
    }
}

fn dcg(grades: impl Iterator<Item = i32>) -> f64 {
    grades.enumerate().map(|(rank, g)| f64::from(g.max(0)) / (rank as f64 + 2.0).log2()).sum()
}
