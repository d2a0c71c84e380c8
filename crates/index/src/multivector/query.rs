//! A query's tokens, made ready for the documents of one store.

use vectory_core::VectorsRef;
use vectory_core::simd::{self, Base, MaxSimQuery, PackedB, TokenRows};

use super::store::{Layout, Record, StoreError, TokenCodec, TokenStore, unpack};

/// A query made ready.
pub struct TokenQuery {
    kernel: MaxSimQuery,
    layout: Layout,
    /// The product of each centroid with each query token, in the units of the kernel.
    table: Vec<f32>,
}

/// Buffers that scoring needs; keep one a thread.
#[derive(Default)]
pub struct Scratch {
    best: Vec<f32>,
    rows: Vec<u8>,
}

impl TokenQuery {
    /// O(tokens · dim), and for residual codes a product with every centroid.
    pub(super) fn new(query: VectorsRef<'_>, store: &TokenStore) -> Result<Self, StoreError> {
        if query.rows() > 0 && store.tokens() > 0 && query.dim() != store.dim() {
            return Err(StoreError::Dim { query: query.dim(), documents: store.dim() });
        }
        if let Some((token, column)) = query.first_non_finite() {
            return Err(StoreError::Param {
                field: "query",
                value: format!("not finite at token {token}, value {column}"),
                range: "finite numbers",
            });
        }
        let layout = *store.layout();
        let kernel = MaxSimQuery::new(query.as_slice(), query.dim().max(1), layout.form());
        let mut table = Vec::new();
        if let TokenCodec::Residual { .. } = layout.codec {
            let (centroids, lanes) = (store.centroids(), kernel.lanes());
            let mut padded = vec![0.0; lanes * query.dim()];
            for (t, row) in query.iter().enumerate() {
                let unit = 1.0 / kernel.unit(t);
                padded[t * query.dim()..][..query.dim()].iter_mut().zip(row).for_each(|(p, v)| *p = v * unit);
            }
            table.resize(centroids.rows() * lanes, 0.0);
            simd::gemm_packed(centroids.as_slice(), &PackedB::new(&padded, lanes, query.dim()), &mut table);
        }
        Ok(Self { kernel, layout, table })
    }

    /// How many tokens the query has.
    #[must_use]
    pub fn tokens(&self) -> usize {
        self.kernel.tokens()
    }

    /// The score of one document, by its record.
    pub(super) fn score(&self, record: &Record<'_>, scratch: &mut Scratch) -> f32 {
        let Scratch { best, rows } = scratch;
        let stride = self.layout.form().stride(self.layout.dim);
        let scales = record.scales;
        match self.layout.codec {
            TokenCodec::F32 | TokenCodec::Bf16 | TokenCodec::Int8 => {
                self.kernel.score(TokenRows { rows: record.codes, scales, base: None }, best)
            }
            TokenCodec::F16 => {
                rows.clear();
                let halves = record.codes.as_chunks::<2>().0;
                rows.extend(halves.iter().flat_map(|h| half::f16::from_le_bytes(*h).to_f32().to_le_bytes()));
                self.kernel.score(TokenRows { rows, scales: &[], base: None }, best)
            }
            TokenCodec::Residual { bits } => {
                rows.resize(record.ids.len() * stride, 0);
                for (to, from) in rows.chunks_exact_mut(stride).zip(record.codes.chunks_exact(self.layout.row())) {
                    unpack(from, bits, to);
                }
                let base = Some(Base { table: &self.table, ids: record.ids });
                self.kernel.score(TokenRows { rows, scales, base }, best)
            }
        }
    }
}
