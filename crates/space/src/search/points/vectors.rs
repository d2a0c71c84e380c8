//! From what a caller gives to what a view compares with.

use vectory_core::{Context, Metric};
use vectory_index::inverted::CollectionStats;

use super::{Input, Strategy};
use crate::engine::{Engine, EngineKind, Shape};
use crate::point::Given;
use crate::search::compare::Comparison;
use crate::search::query::SearchError;
use crate::search::rank::{check_vector, encode_query, terms_of};
use crate::search::snapshot::Snapshot;
use crate::search::view::Asked;
use crate::store::PartView;

/// What inputs are resolved with.
pub(super) struct Resolve<'a> {
    pub snapshot: &'a Snapshot,
    pub engines: &'a [Engine],
    pub view: usize,
    pub ctx: &'a Context,
}

impl Resolve<'_> {
    fn engine(&self) -> &Engine {
        &self.engines[self.view]
    }

    fn wrong(&self, why: impl std::fmt::Display) -> SearchError {
        SearchError::Vector { why: format!("{why}: view `{}`", self.engine().name) }
    }

    /// What the view looks for.
    pub fn nearest(&self, input: &Input) -> Result<Asked, SearchError> {
        match &self.engine().kind {
            EngineKind::Sparse { analyzer, bm25 } => {
                let Input::Text(text) = input else { return Err(self.wrong("is given where a text is expected")) };
                let terms = terms_of(analyzer, text);
                let stats = CollectionStats::of(self.snapshot.postings(self.view), &terms);
                Ok(Asked::Terms { own: terms.len(), terms, stats, bm25: *bm25 })
            }
            EngineKind::Weights { idf } => Ok(Asked::Weights { query: self.weights(input, *idf)? }),
            EngineKind::Dense { shape, index, .. } => {
                let vector = self.dense(input, *shape)?;
                Ok(if shape.multi || vector.len() > shape.dim {
                    Asked::Several { comparison: Comparison::MaxSim(vector), metric: shape.metric }
                } else {
                    Asked::Vector { vector, metric: shape.metric, index: *index }
                })
            }
        }
    }

    /// Examples put together.
    pub fn recommend(&self, positive: &[Input], negative: &[Input], strategy: Strategy) -> Result<Asked, SearchError> {
        let (shape, index) = self.shaped()?;
        let positive = self.all(positive, shape)?;
        let negative = self.all(negative, shape)?;
        let comparison = match strategy {
            Strategy::BestScore => Comparison::Best { positive, negative },
            Strategy::SumScores => Comparison::Sum { positive, negative },
            Strategy::Average if shape.multi => return Err(self.wrong("needs strategy best_score or sum_scores")),
            Strategy::Average => {
                let Some(mut vector) = mean(&positive) else { return Err(self.wrong("needs a positive example")) };
                if let Some(away) = mean(&negative) {
                    vector.iter_mut().zip(&away).for_each(|(v, a)| *v += *v - a);
                }
                if shape.metric == Metric::Cosine {
                    vectory_core::vectors::normalize(&mut vector);
                }
                return Ok(Asked::Vector { vector, metric: shape.metric, index });
            }
        };
        Ok(Asked::Several { comparison, metric: shape.metric })
    }

    /// A target among pairs.
    pub fn discover(&self, target: Option<&Input>, pairs: &[(Input, Input)]) -> Result<Asked, SearchError> {
        let (shape, _) = self.shaped()?;
        let both = |(p, n): &(Input, Input)| Ok((self.dense(p, shape)?, self.dense(n, shape)?));
        let pairs = pairs.iter().map(both).collect::<Result<_, SearchError>>()?;
        let comparison = match target {
            Some(target) => Comparison::Discover { target: self.dense(target, shape)?, pairs },
            None => Comparison::Context { pairs },
        };
        Ok(Asked::Several { comparison, metric: shape.metric })
    }

    fn shaped(&self) -> Result<(Shape, crate::engine::DenseIndex), SearchError> {
        match &self.engine().kind {
            EngineKind::Dense { shape, index, .. } => Ok((*shape, *index)),
            _ => Err(self.wrong("examples need dense vectors")),
        }
    }

    fn all(&self, inputs: &[Input], shape: Shape) -> Result<Vec<Vec<f32>>, SearchError> {
        inputs.iter().map(|i| self.dense(i, shape)).collect()
    }

    /// Vectors end to end; of unit length under cosine.
    fn dense(&self, input: &Input, shape: Shape) -> Result<Vec<f32>, SearchError> {
        let engine = self.engine();
        let EngineKind::Dense { encoder, .. } = &engine.kind else { return Err(self.wrong("is no dense view")) };
        let mut vector = match input {
            Input::Dense(v) => {
                check_vector(v, shape.dim, &engine.name)?;
                v.clone()
            }
            Input::Multi(rows) => {
                if !shape.multi && rows.len() != 1 {
                    return Err(self.wrong("is several vectors where one is expected"));
                }
                rows.iter().try_for_each(|v| check_vector(v, shape.dim, &engine.name))?;
                rows.concat()
            }
            Input::Sparse { .. } => return Err(self.wrong("is sparse where a dense one is expected")),
            Input::Id(id) => match self.example(id)? {
                Given::Dense(v) => v,
                _ => return Err(self.wrong("is of another kind")),
            },
            Input::Text(text) => match encoder {
                Some(encoder) => encode_query(encoder.as_ref(), &engine.name, text, self.ctx)?,
                None => return Err(self.wrong("is a text, and no encoder is set for it")),
            },
        };
        if shape.metric == Metric::Cosine {
            vector.chunks_mut(shape.dim.max(1)).for_each(vectory_core::vectors::normalize);
        }
        Ok(vector)
    }

    fn weights(&self, input: &Input, idf: bool) -> Result<Vec<(u32, f32)>, SearchError> {
        let (indices, values) = match input {
            Input::Sparse { indices, values } => (indices.clone(), values.clone()),
            Input::Id(id) => match self.example(id)? {
                Given::Sparse { indices, values } => (indices, values),
                _ => return Err(self.wrong("is of another kind")),
            },
            Input::Text(_) => return Err(self.wrong("is a text, and no encoder is set for it")),
            Input::Dense(_) | Input::Multi(_) => return Err(self.wrong("is dense where a sparse one is expected")),
        };
        if indices.len() != values.len() || values.iter().any(|v| !v.is_finite()) {
            return Err(self.wrong("needs as many finite values as indices"));
        }
        let mut query: Vec<(u32, f32)> = indices.into_iter().zip(values).collect();
        query.sort_unstable_by_key(|q| q.0);
        if query.windows(2).any(|w| w[0].0 == w[1].0) {
            return Err(self.wrong("has an index twice"));
        }
        if idf {
            self.weigh(&mut query);
        }
        Ok(query)
    }

    /// Multiplies each weight by ln(1 + (n − df + ½) / (df + ½)).
    fn weigh(&self, query: &mut [(u32, f32)]) {
        let lists: Vec<_> = self
            .snapshot
            .parts
            .iter()
            .filter_map(|p| match &p.part.views[self.view] {
                PartView::Weights(weights) => Some(weights),
                PartView::Sparse(_) | PartView::Dense(_) => None,
            })
            .collect();
        let n = self.snapshot.rows() as f32;
        for (dim, weight) in query {
            let df = lists.iter().map(|w| w.frequency(*dim)).sum::<usize>() as f32;
            *weight *= (1.0 + (n - df + 0.5).max(0.0) / (df + 0.5)).ln();
        }
    }

    fn example(&self, id: &str) -> Result<Given, SearchError> {
        let missing = || SearchError::Example(format!("there is no point {id}"));
        let number = self.snapshot.tables.number(id)?.ok_or_else(missing)?;
        let record = self.snapshot.tables.known_document(number)?.ok_or_else(missing)?;
        let name = &self.engine().name;
        self.snapshot
            .given(record.first, self.view)
            .ok_or_else(|| SearchError::Example(format!("point {id} has no vector `{name}`")))
    }
}

fn mean(vectors: &[Vec<f32>]) -> Option<Vec<f32>> {
    let mut sum = vec![0.0f32; vectors.first()?.len()];
    for v in vectors {
        sum.iter_mut().zip(v).for_each(|(s, x)| *s += x);
    }
    let n = vectors.len() as f32;
    sum.iter_mut().for_each(|s| *s /= n);
    Some(sum)
}
