//! Making a store.

use rayon::prelude::*;
use vectory_core::repr::MultiRef;
use vectory_core::{Context, Vectors, VectorsRef, cluster};

use super::codec::{Layout, TokenCodec};
use super::model::{Described, TokenStore};
use super::{StoreError, StoreParams, residual};
use crate::file::FileWriter;

/// Documents that are encoded together.
const BATCH: usize = 256;

impl TokenStore {
    /// Stores the token matrices of all documents. Memory: the stored bytes, once.
    ///
    /// # Errors
    /// [`StoreError`]: a parameter out of range, rows of no dimension, a value that is not finite, interrupted.
    pub fn build(documents: MultiRef<'_>, params: &StoreParams, ctx: &Context) -> Result<Self, StoreError> {
        let mut file = FileWriter::new(super::model::KIND, super::model::VERSION, serde_json::Value::Null);
        let described = Self::write(documents, params, &mut file, ctx)?;
        file.describe(described);
        Self::of(std::sync::Arc::new(file.finish()?), None)
    }

    /// Writes the sections of a store into a file of any kind; returns what [`TokenStore::of`] needs to read them.
    pub(in crate::multivector) fn write(
        documents: MultiRef<'_>,
        params: &StoreParams,
        file: &mut FileWriter,
        ctx: &Context,
    ) -> Result<serde_json::Value, StoreError> {
        params.check()?;
        check(documents)?;
        let layout = Layout { codec: params.codec, dim: documents.rows.dim(), align: params.align };
        let lengths: Vec<u32> = documents.offsets.windows(2).map(|w| (w[1] - w[0]) as u32).collect();
        let mut starts = Vec::with_capacity(lengths.len());
        let mut end = 0u64;
        for l in &lengths {
            starts.push(end);
            end += layout.place(*l as usize) as u64;
        }
        let centroids = match params.codec {
            TokenCodec::Residual { .. } if documents.rows.rows() > 0 => {
                residual::train(documents.rows, &params.residual, ctx)?
            }
            _ => Vectors::zeros(0, layout.dim),
        };
        let bytes = file.section_to_fill("tokens", end as usize, params.align);
        encode(documents, &layout, centroids.view(), bytes, ctx)?;
        file.section("starts", &starts);
        file.section("lengths", &lengths);
        file.section("centroids", centroids.as_slice());
        let described = Described { documents: lengths.len(), tokens: documents.rows.rows(), layout };
        Ok(serde_json::json!(described))
    }
}

fn check(documents: MultiRef<'_>) -> Result<(), StoreError> {
    let rows = documents.rows;
    if documents.len() > i32::MAX as usize {
        return Err(StoreError::Param {
            field: "documents",
            value: documents.len().to_string(),
            range: "at most 2147483647",
        });
    }
    if rows.dim() == 0 && rows.rows() > 0 {
        return Err(StoreError::Param { field: "dimension of the tokens", value: "0".into(), range: "1 or more" });
    }
    let Some((row, column)) = rows.first_non_finite() else { return Ok(()) };
    let document = documents.offsets.partition_point(|o| *o <= row as u64).saturating_sub(1);
    let token = row as u64 - documents.offsets[document];
    Err(StoreError::Document { document, why: format!("token {token}, value {column} is not a finite number") })
}

/// Batches of documents in parallel, each into its own piece of `bytes`.
fn encode(
    documents: MultiRef<'_>,
    layout: &Layout,
    centroids: VectorsRef<'_>,
    bytes: &mut [u8],
    ctx: &Context,
) -> Result<(), StoreError> {
    let mut pieces = Vec::new();
    let mut rest = bytes;
    for first in (0..documents.len()).step_by(BATCH) {
        let last = (first + BATCH).min(documents.len());
        let size = (first..last).map(|d| layout.place(documents.item(d).rows())).sum();
        let (piece, tail) = rest.split_at_mut(size);
        pieces.push((first..last, piece));
        rest = tail;
    }
    let nearest = match layout.codec {
        TokenCodec::Residual { .. } if centroids.rows() > 0 => cluster::nearest(centroids, documents.rows, ctx)?.0,
        _ => Vec::new(),
    };
    ctx.pool().install(|| {
        pieces.into_par_iter().try_for_each(|(range, mut piece)| {
            ctx.check()?;
            for d in range {
                let rows = documents.item(d);
                let (own, tail) = piece.split_at_mut(layout.place(rows.rows()));
                piece = tail;
                let first = documents.offsets[d] as usize;
                let ids = nearest.get(first..first + rows.rows()).unwrap_or_default();
                record(rows, layout, Nearest { ids, centroids }, own);
            }
            Ok(())
        })
    })
}

struct Nearest<'a> {
    ids: &'a [u32],
    centroids: VectorsRef<'a>,
}

/// Writes one document.
fn record(rows: VectorsRef<'_>, layout: &Layout, nearest: Nearest<'_>, out: &mut [u8]) {
    let (n, row) = (rows.rows(), layout.row());
    let (side, codes) = out[..layout.record(n)].split_at_mut(layout.record(n) - row * n);
    let mut scales = Vec::with_capacity(n);
    let mut scratch = Vec::new();
    for (i, values) in rows.iter().enumerate() {
        let to = &mut codes[i * row..(i + 1) * row];
        match layout.codec {
            TokenCodec::F32 => to.copy_from_slice(bytemuck::cast_slice(values)),
            TokenCodec::F16 => halves(values, to, |v| half::f16::from_f32(v).to_bits()),
            TokenCodec::Bf16 => halves(values, to, |v| half::bf16::from_f32(v).to_bits()),
            TokenCodec::Int8 => {
                let largest = values.iter().fold(0.0f32, |m, v| m.max(v.abs()));
                let scale = if largest > 0.0 { largest / 127.0 } else { 1.0 };
                to.fill(128);
                to.iter_mut().zip(values).for_each(|(o, v)| *o = ((v / scale).round() + 128.0) as u8);
                scales.push(scale);
            }
            TokenCodec::Residual { bits } => {
                let centroid = nearest.centroids.row(nearest.ids[i] as usize);
                scales.push(residual::encode(values, centroid, bits, &mut scratch, to));
            }
        }
    }
    let ids: &[u8] = bytemuck::cast_slice(nearest.ids);
    let scales: &[u8] = bytemuck::cast_slice(&scales);
    if !side.is_empty() {
        let (a, b) = side.split_at_mut(ids.len());
        a.copy_from_slice(ids);
        b.copy_from_slice(scales);
    }
}

fn halves(values: &[f32], to: &mut [u8], bits: impl Fn(f32) -> u16) {
    for (o, v) in to.as_chunks_mut::<2>().0.iter_mut().zip(values) {
        *o = bits(*v).to_le_bytes();
    }
}
