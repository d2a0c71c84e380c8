//! What queries are reduced and clusters are chosen by, in bytes.

use vectory_core::Metric;
use vectory_core::simd::{self, Op};

use super::build::MOST_INPUTS;
use super::model::Header;
use crate::bytes::{self, ByteMatrix, COLUMNS};
use crate::file::{FileError, IndexFile, Region};

/// Principal axes and centroids.
pub(super) struct Quick {
    /// Empty where queries keep all their values.
    axes: Vec<u8>,
    axes_step: f32,
    no_biases: Vec<f32>,
    centroids: Vec<u8>,
    centroids_step: f32,
    centroid_biases: Vec<f32>,
}

impl Quick {
    pub fn new(
        file: &IndexFile,
        header: &Header,
        (centroids, mean, axes): (Region<f32>, Region<f32>, Region<f32>),
    ) -> Result<Self, FileError> {
        let Header { dim, metric, clusters, rank, inputs, .. } = *header;
        let (centroids, mean, axes) = (file.get(centroids), file.get(mean), file.get(axes));
        let kept = axes.is_empty() && inputs == dim || Some(axes.len()) == inputs.checked_mul(dim);
        if clusters == 0 || Some(centroids.len()) != clusters.checked_mul(dim) || mean.len() != dim {
            return Err(FileError::section(file.path(), "centroids", "are not as many as the clusters"));
        }
        if !kept || rank > inputs || inputs > MOST_INPUTS && !axes.is_empty() {
            return Err(FileError::section(file.path(), "axes", "are not as many as the inputs"));
        }
        let mut reduced = vec![0.0; clusters * inputs];
        let mut biases = vec![f32::NEG_INFINITY; clusters.next_multiple_of(COLUMNS)];
        for (c, (bias, out)) in biases.iter_mut().zip(reduced.chunks_exact_mut(inputs.max(1))).enumerate() {
            let centroid = &centroids[c * dim..(c + 1) * dim];
            let moved: Vec<f32> = centroid.iter().zip(mean).map(|(c, m)| c - m).collect();
            *bias = match metric {
                Metric::L2 => -simd::dot(&moved, &moved),
                _ => simd::dot(mean, centroid),
            };
            if axes.is_empty() { out.copy_from_slice(&moved) } else { simd::rows(Op::Dot, &moved, axes, out) }
        }
        let mut quick = Self {
            axes: vec![0; if axes.is_empty() { 0 } else { bytes::size(dim, inputs) }],
            axes_step: 0.0,
            no_biases: vec![0.0; inputs.next_multiple_of(COLUMNS)],
            centroids: vec![0; bytes::size(inputs, clusters)],
            centroids_step: 0.0,
            centroid_biases: biases,
        };
        if !axes.is_empty() {
            quick.axes_step = bytes::pack(axes, dim, &mut quick.axes);
        }
        quick.centroids_step = bytes::pack(&reduced, inputs, &mut quick.centroids);
        Ok(quick)
    }

    /// What makes a query's values those of its inputs; none where they are all kept.
    pub fn axes(&self) -> Option<ByteMatrix<'_>> {
        let Self { axes, axes_step, no_biases, .. } = self;
        (!axes.is_empty()).then_some(ByteMatrix { bytes: axes, biases: no_biases, step: *axes_step })
    }

    /// The centroids, scored up to a constant of the query.
    pub fn centroids(&self) -> ByteMatrix<'_> {
        ByteMatrix { bytes: &self.centroids, biases: &self.centroid_biases, step: self.centroids_step }
    }
}
