//! Writing the file.

use serde::{Deserialize, Serialize};
use vectory_core::cluster::{self, Init, KMeansParams};
use vectory_core::repr::MultiRef;
use vectory_core::vectors::normalize;
use vectory_core::{Context, Vectors, VectorsRef, simd};

use super::model::{DiskIndex, KIND, VERSION};
use crate::file::{FileWriter, IndexFile};
use crate::multivector::{MultiFactoryError, StoreError, StoreParams, TokenCodec, TokenStore};

/// How the file is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DiskParams {
    /// The form of the tokens.
    pub codec: TokenCodec,
    /// Lists of the inverted file; 0: about 4·√documents.
    pub lists: usize,
}

impl Default for DiskParams {
    fn default() -> Self {
        Self { codec: TokenCodec::Int8, lists: 0 }
    }
}

/// Whether a factory string means tokens on disk.
#[must_use]
pub fn is_on_disk(text: &str) -> bool {
    text.trim().to_ascii_lowercase().starts_with("espn")
}

impl std::str::FromStr for DiskParams {
    type Err = MultiFactoryError;

    /// `ESPN`, `ESPN64`, `ESPN,R2`: lists, the form of the tokens.
    fn from_str(text: &str) -> Result<Self, MultiFactoryError> {
        let bad = |why: String| MultiFactoryError { text: text.to_owned(), why };
        let mut params = Self::default();
        let (name, form) = text.split_once(',').unwrap_or((text, ""));
        let lower = name.trim().to_ascii_lowercase();
        let count =
            lower.strip_prefix("espn").ok_or_else(|| bad(format!("`{name}` is not an index of token vectors")))?;
        if !count.is_empty() {
            params.lists = count.parse().map_err(|_| bad(format!("`{count}` is not a number of lists")))?;
        }
        if !form.is_empty() {
            params.codec = form.trim().parse().map_err(bad)?;
        }
        Ok(params)
    }
}

/// What the header of the file says.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Described {
    pub lists: usize,
    pub store: serde_json::Value,
}

impl DiskIndex {
    /// Makes the file of all documents, in memory; save it, then [`DiskIndex::open`] it.
    ///
    /// # Errors
    /// [`StoreError`]: a parameter out of range, a value that is not finite, interrupted.
    pub fn build(documents: MultiRef<'_>, params: &DiskParams, ctx: &Context) -> Result<IndexFile, StoreError> {
        let mut file = FileWriter::new(KIND, VERSION, serde_json::Value::Null);
        let store = StoreParams { codec: params.codec, align: 4096, ..StoreParams::default() };
        let store = TokenStore::write(documents, &store, &mut file, ctx)?;
        let (n, dim) = (documents.len(), documents.rows.dim());
        let mut means = Vectors::zeros(n, dim);
        (0..n).for_each(|d| mean(documents.item(d), means.row_mut(d)));
        let wanted = if params.lists > 0 { params.lists } else { (4.0 * (n as f64).sqrt()) as usize };
        let lists = wanted.clamp(1, n.max(1)).min(n);
        let (mut centroids, mut order, mut ends) = (Vectors::zeros(0, dim), Vec::new(), Vec::new());
        if lists > 0 && dim > 0 {
            let k = KMeansParams { k: lists, init: Init::Random, max_iterations: 10, ..KMeansParams::default() };
            let found = cluster::kmeans(means.view(), &k, ctx)?;
            order = (0..n as u32).collect::<Vec<_>>();
            order.sort_by_key(|d| (found.assignment[*d as usize], *d));
            ends = (0..lists as u32)
                .map(|l| order.partition_point(|d| found.assignment[*d as usize] <= l) as u64)
                .collect();
            centroids = found.centroids;
        }
        let sorted = Vectors::from_rows(order.iter().map(|d| means.row(*d as usize)))
            .map_err(|e| StoreError::Param { field: "means", value: e.to_string(), range: "rows of one dimension" })?;
        file.section("means", sorted.as_slice());
        file.section("order", &order);
        file.section("list ends", &ends);
        file.section("coarse", centroids.as_slice());
        file.describe(serde_json::json!(Described { lists, store }));
        Ok(file.finish()?)
    }
}

/// The mean of a bag, of unit length; zeros for an empty one.
pub(super) fn mean(rows: VectorsRef<'_>, out: &mut [f32]) {
    out.fill(0.0);
    rows.iter().for_each(|r| simd::axpy(1.0, r, out));
    normalize(out);
}
