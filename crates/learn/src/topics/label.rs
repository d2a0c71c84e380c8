//! Topics given by keywords: texts are labelled without labelled texts.

use vectory_core::neighbors::exact;
use vectory_core::{Context, Hit, Metric, Vectors, VectorsRef, simd};

use super::{TopicError, local_outlier_factor};

/// A label with the vectors of its keywords.
#[derive(Clone, Debug)]
pub struct Label {
    /// Its name.
    pub name: String,
    /// A row a keyword.
    pub keywords: Vectors,
}

/// How label vectors are learned from texts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LabelParams {
    /// Texts whose similarity to the keywords is within this of the best are candidates.
    pub offset: f32,
    /// Fewest and most candidates.
    pub candidates: (usize, usize),
    /// Whether candidates that are outliers among themselves are left out.
    pub clean: bool,
    /// Neighbours of the outlier factor.
    pub neighbors: usize,
    /// The outlier factor from which a candidate is left out, above 1.
    pub outlier: f64,
}

impl Default for LabelParams {
    fn default() -> Self {
        Self { offset: 0.2, candidates: (10, 200), clean: true, neighbors: 20, outlier: 1.5 }
    }
}

/// Texts with their similarity to each label.
#[derive(Clone, Debug)]
pub struct Labelling {
    /// A unit vector a label.
    pub vectors: Vectors,
    /// texts × labels cosines.
    pub scores: Vec<Vec<f32>>,
    /// Candidates that each label vector was made of; 0 for keywords alone.
    pub used: Vec<usize>,
}

impl Labelling {
    /// The most similar label of each text; of equals, the first.
    #[must_use]
    pub fn best(&self) -> Vec<u32> {
        let best = |s: &Vec<f32>| (0..s.len()).max_by(|a, b| s[*a].total_cmp(&s[*b]).then(b.cmp(a))).unwrap_or(0);
        self.scores.iter().map(|s| best(s) as u32).collect()
    }

    fn of(vectors: Vectors, used: Vec<usize>, texts: VectorsRef<'_>) -> Self {
        let score = |t: &[f32]| vectors.iter().map(|v| simd::cosine(t, v)).collect();
        Self { scores: texts.iter().map(score).collect(), used, vectors }
    }
}

/// Similarity to the mean of the keywords: the baseline (Schopf et al. 2022).
///
/// # Errors
/// [`TopicError`]: no labels, a label without keywords, other dimensions.
pub fn by_keywords(texts: VectorsRef<'_>, labels: &[Label]) -> Result<Labelling, TopicError> {
    let vectors = centroids(texts, labels)?;
    Ok(Labelling::of(vectors, vec![0; labels.len()], texts))
}

/// Lbl2Vec (Schopf, Braun and Matthes 2021): the mean of the texts nearest to a label's keywords, without the outliers
/// among them, is its vector. O(texts · labels · d).
///
/// # Errors
/// As [`by_keywords`]; a parameter out of range; interrupted.
pub fn label(
    texts: VectorsRef<'_>,
    labels: &[Label],
    params: &LabelParams,
    ctx: &Context,
) -> Result<Labelling, TopicError> {
    let (least, most) = params.candidates;
    if least == 0 || most < least || params.outlier <= 1.0 || params.offset < 0.0 {
        let legal = "1 or more and ascending; outlier above 1; offset 0 or more";
        return Err(TopicError::Param { field: "candidates, outlier and offset", legal });
    }
    let centroids = centroids(texts, labels)?;
    let near = exact(texts, centroids.view(), Metric::Cosine, most, ctx)?;
    let mut vectors = Vectors::zeros(labels.len(), texts.dim());
    let mut used = Vec::new();
    for (at, hits) in near.iter().enumerate() {
        let floor = hits.first().map_or(0.0, |h| h.score) - params.offset;
        let chosen: Vec<&Hit> =
            hits.iter().enumerate().filter(|(i, h)| *i < least || h.score >= floor).map(|c| c.1).collect();
        let mut rows = Vectors::zeros(chosen.len(), texts.dim());
        chosen.iter().enumerate().for_each(|(i, h)| rows.row_mut(i).copy_from_slice(texts.row(h.id as usize)));
        rows.normalize();
        let factors = if params.clean {
            local_outlier_factor(rows.view(), params.neighbors, ctx)?
        } else {
            vec![1.0; chosen.len()]
        };
        let inside: Vec<usize> = (0..chosen.len()).filter(|i| factors[*i] <= params.outlier).collect();
        inside.iter().for_each(|i| simd::axpy(1.0, rows.row(*i), vectors.row_mut(at)));
        if inside.is_empty() {
            vectors.row_mut(at).copy_from_slice(centroids.row(at));
        }
        used.push(inside.len());
    }
    vectors.normalize();
    Ok(Labelling::of(vectors, used, texts))
}

/// Means of unit keywords.
fn centroids(texts: VectorsRef<'_>, labels: &[Label]) -> Result<Vectors, TopicError> {
    if labels.is_empty() {
        return Err(TopicError::TooFew("no labels".into()));
    }
    let mut out = Vectors::zeros(labels.len(), texts.dim());
    for (at, l) in labels.iter().enumerate() {
        if l.keywords.rows() == 0 {
            return Err(TopicError::TooFew(format!("label `{}` has no keywords", l.name)));
        }
        if l.keywords.dim() != texts.dim() {
            return Err(TopicError::Dim { texts: texts.dim(), words: l.keywords.dim() });
        }
        let mut unit = l.keywords.clone();
        unit.normalize();
        unit.iter().for_each(|k| simd::axpy(1.0, k, out.row_mut(at)));
    }
    out.normalize();
    Ok(out)
}
