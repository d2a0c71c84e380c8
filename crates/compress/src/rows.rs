//! What several codecs do with rows before they code them.

use std::borrow::Cow;

use vectory_core::{Metric, Vectors, VectorsRef, simd, vectors};

/// The mean of rows, added in f64; zeros where there are none.
pub(crate) fn mean(rows: VectorsRef<'_>) -> Vec<f32> {
    let mut sum = vec![0.0f64; rows.dim()];
    for row in rows.iter() {
        sum.iter_mut().zip(row).for_each(|(s, v)| *s += f64::from(*v));
    }
    let n = rows.rows().max(1) as f64;
    sum.iter().map(|s| (s / n) as f32).collect()
}

/// Rows as they are, or scaled to unit length.
pub(crate) enum MaybeUnit<'a> {
    Plain(VectorsRef<'a>),
    Unit(Vectors),
}

impl MaybeUnit<'_> {
    pub fn view(&self) -> VectorsRef<'_> {
        match self {
            Self::Plain(rows) => *rows,
            Self::Unit(rows) => rows.view(),
        }
    }
}

/// The rows that a codec sees: of unit length under cosine.
pub(crate) fn unit_rows(rows: VectorsRef<'_>, metric: Metric) -> MaybeUnit<'_> {
    if metric != Metric::Cosine {
        return MaybeUnit::Plain(rows);
    }
    let mut unit = Vectors::zeros(rows.rows(), rows.dim());
    unit.as_mut_slice().copy_from_slice(rows.as_slice());
    unit.normalize();
    MaybeUnit::Unit(unit)
}

/// The row that a codec sees: of unit length under cosine.
pub(crate) fn unit_row(row: &[f32], metric: Metric) -> Cow<'_, [f32]> {
    if metric != Metric::Cosine {
        return Cow::Borrowed(row);
    }
    let mut unit = row.to_vec();
    vectors::normalize(&mut unit);
    Cow::Owned(unit)
}

/// Copies a query as a codec sees it: of unit length under cosine.
pub(crate) fn set_query(out: &mut Vec<f32>, values: &[f32], metric: Metric) {
    out.clear();
    out.extend_from_slice(values);
    if metric == Metric::Cosine {
        vectors::normalize(out);
    }
}

pub(crate) fn squared(row: &[f32]) -> f32 {
    simd::dot(row, row)
}

/// At most so many row numbers, drawn without replacement, ascending.
pub(crate) fn sample_ids(rows: usize, most: usize, seed: u64, stage: &str) -> Vec<usize> {
    if rows <= most {
        return (0..rows).collect();
    }
    let mut ids = rand::seq::index::sample(&mut vectory_core::rng::stream(seed, stage), rows, most).into_vec();
    ids.sort_unstable();
    ids
}

/// At most so many rows, drawn without replacement and in their order.
pub(crate) fn sample(rows: VectorsRef<'_>, most: usize, seed: u64, stage: &str) -> Vectors {
    let ids = sample_ids(rows.rows(), most, seed, stage);
    let mut out = Vectors::zeros(ids.len(), rows.dim());
    ids.iter().enumerate().for_each(|(i, id)| out.row_mut(i).copy_from_slice(rows.row(*id)));
    out
}
