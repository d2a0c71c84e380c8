//! Top2Vec's steps from vectors to topics.

use vectory_core::cluster::{HdbscanParams, hdbscan};
use vectory_core::neighbors::exact;
use vectory_core::{Context, Hit, Metric, Vectors, VectorsRef, simd};
use vectory_transform::umap::{UmapParams, umap};

use super::{TopicError, TopicParams};

/// Topics of a collection, the largest first.
#[derive(Clone, Debug)]
pub struct Topics {
    /// A unit vector a topic, in the space of texts and words.
    pub vectors: Vectors,
    /// The topic of each text: the nearest.
    pub of: Vec<u32>,
    /// Texts of each topic.
    pub sizes: Vec<usize>,
    /// Nearest words of each topic, best first; ids of the word rows.
    pub words: Vec<Vec<Hit>>,
    /// Nearest texts of each topic, best first.
    pub texts: Vec<Vec<Hit>>,
    /// Texts that were in no dense group before each was given its nearest topic.
    pub noise: usize,
}

/// Finds topics among texts and names them by words of the same space (cosine).
///
/// # Errors
/// [`TopicError`]: other dimensions, too few texts, no dense group at all, a parameter out of range, interrupted.
pub fn topics(
    texts: VectorsRef<'_>,
    words: VectorsRef<'_>,
    params: &TopicParams,
    ctx: &Context,
) -> Result<Topics, TopicError> {
    check(texts, words, params)?;
    let map = UmapParams {
        dims: params.dims,
        n_neighbors: params.n_neighbors,
        metric: Metric::Cosine,
        ..UmapParams::default()
    };
    let places = umap(texts, &map, ctx)?;
    let groups = HdbscanParams { min_cluster_size: params.min_cluster_size, ..HdbscanParams::default() };
    let found = hdbscan(places.view(), &groups, ctx)?;
    if found.clusters() == 0 {
        return Err(TopicError::TooFew(format!(
            "no group of {} texts is denser than the rest of the {}: lower the smallest size",
            params.min_cluster_size,
            texts.rows()
        )));
    }
    let mut sums = Vectors::zeros(found.clusters(), texts.dim());
    for (text, label) in texts.iter().zip(&found.labels) {
        if let Some(g) = label {
            let norm = simd::norm(text);
            simd::axpy(if norm > 0.0 { norm.recip() } else { 0.0 }, text, sums.row_mut(*g as usize));
        }
    }
    sums.normalize();
    let noise = found.labels.iter().filter(|l| l.is_none()).count();
    Topics::of_vectors(merged(&sums, params.merge), (texts, words), (params.top, noise), ctx)
}

fn check(texts: VectorsRef<'_>, words: VectorsRef<'_>, p: &TopicParams) -> Result<(), TopicError> {
    if p.min_cluster_size < 2 || p.top == 0 {
        return Err(TopicError::Param { field: "min_cluster_size and top", legal: "2 or more, and 1 or more" });
    }
    if !(0.0..1.0).contains(&p.merge) {
        return Err(TopicError::Param { field: "merge", legal: "at least 0 and below 1" });
    }
    if words.rows() > 0 && words.dim() != texts.dim() {
        return Err(TopicError::Dim { texts: texts.dim(), words: words.dim() });
    }
    if texts.rows() < 2 * p.min_cluster_size {
        return Err(TopicError::TooFew(format!(
            "{} texts: topics need two groups of {} or more",
            texts.rows(),
            p.min_cluster_size
        )));
    }
    Ok(())
}

/// Chains of topics that are nearly one become one.
fn merged(vectors: &Vectors, near: f64) -> Vectors {
    let n = vectors.rows();
    let mut set: Vec<usize> = (0..n).collect();
    for i in 0..n {
        for j in 0..i {
            if 1.0 - f64::from(simd::dot(vectors.row(i), vectors.row(j))) < near && set[i] != set[j] {
                let (from, to) = (set[i].max(set[j]), set[i].min(set[j]));
                set.iter_mut().filter(|s| **s == from).for_each(|s| *s = to);
            }
        }
    }
    let mut kept: Vec<usize> = set.clone();
    kept.sort_unstable();
    kept.dedup();
    let mut out = Vectors::zeros(kept.len(), vectors.dim());
    for (i, s) in set.iter().enumerate() {
        if let Ok(at) = kept.binary_search(s) {
            simd::axpy(1.0, vectors.row(i), out.row_mut(at));
        }
    }
    out.normalize();
    out
}

impl Topics {
    /// How many topics.
    #[must_use]
    pub fn len(&self) -> usize {
        self.sizes.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.sizes.is_empty()
    }

    /// Assigns, sorts by size and names.
    fn of_vectors(
        vectors: Vectors,
        (texts, words): (VectorsRef<'_>, VectorsRef<'_>),
        (top, noise): (usize, usize),
        ctx: &Context,
    ) -> Result<Self, TopicError> {
        let sizes = sizes(&nearest(&vectors, texts, ctx)?, vectors.rows());
        let mut order: Vec<usize> = (0..vectors.rows()).collect();
        order.sort_by_key(|t| (std::cmp::Reverse(sizes[*t]), *t));
        let mut sorted = Vectors::zeros(vectors.rows(), vectors.dim());
        order.iter().enumerate().for_each(|(at, t)| sorted.row_mut(at).copy_from_slice(vectors.row(*t)));
        let of = nearest(&sorted, texts, ctx)?;
        let search = |rows: VectorsRef<'_>| exact(rows, sorted.view(), Metric::Cosine, top, ctx);
        let words = if words.rows() == 0 { vec![vec![]; sorted.rows()] } else { search(words)? };
        let texts = search(texts)?;
        Ok(Self { sizes: self::sizes(&of, sorted.rows()), of, words, texts, vectors: sorted, noise })
    }

    /// Merges the smallest topic into the most similar, by size-weighted mean, until `wanted` are left.
    ///
    /// # Errors
    /// [`TopicError`]: `wanted` 0, interrupted.
    pub fn reduce(
        &self,
        wanted: usize,
        texts: VectorsRef<'_>,
        words: VectorsRef<'_>,
        ctx: &Context,
    ) -> Result<Self, TopicError> {
        if wanted == 0 {
            return Err(TopicError::Param { field: "topics", legal: "1 or more" });
        }
        let mut rows: Vec<Vec<f32>> = self.vectors.iter().map(<[f32]>::to_vec).collect();
        let mut counts = self.sizes.clone();
        while rows.len() > wanted {
            ctx.check()?;
            let small = (0..rows.len()).min_by_key(|t| (counts[*t], *t)).unwrap_or(0);
            let (from, size) = (rows.remove(small), counts.remove(small));
            let like = |t: &usize| simd::dot(&rows[*t], &from);
            let into = (0..rows.len()).max_by(|a, b| like(a).total_cmp(&like(b)).then(b.cmp(a))).unwrap_or(0);
            let weight = counts[into] as f32;
            rows[into].iter_mut().zip(&from).for_each(|(a, b)| *a = *a * weight + b * size as f32);
            vectory_core::vectors::normalize(&mut rows[into]);
            let merged = Vectors::from_rows(rows.iter().map(Vec::as_slice)).unwrap_or_else(|_| Vectors::zeros(0, 0));
            counts = sizes(&nearest(&merged, texts, ctx)?, rows.len());
        }
        let vectors = Vectors::from_rows(rows.iter().map(Vec::as_slice)).unwrap_or_else(|_| Vectors::zeros(0, 0));
        let top = self.texts.first().map_or(1, Vec::len).max(1);
        Self::of_vectors(vectors, (texts, words), (top, self.noise), ctx)
    }
}

fn nearest(vectors: &Vectors, texts: VectorsRef<'_>, ctx: &Context) -> Result<Vec<u32>, TopicError> {
    let found = exact(vectors.view(), texts, Metric::Cosine, 1, ctx)?;
    Ok(found.iter().map(|h| h.first().map_or(0, |h| h.id)).collect())
}

fn sizes(of: &[u32], topics: usize) -> Vec<usize> {
    let mut out = vec![0; topics];
    of.iter().for_each(|t| out[*t as usize] += 1);
    out
}
