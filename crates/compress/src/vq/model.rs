//! A codebook.

use vectory_core::{Context, Vectors, VectorsRef, cluster};

use crate::CodecError;
use crate::codec::check_rows;

/// A codebook: a row is its nearest code.
#[derive(Clone, Debug)]
pub struct VectorQuantizer {
    codebook: Vectors,
}

/// How a codebook is used.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Usage {
    /// Share of the codes that some row has.
    pub used: f64,
    /// e to the entropy of the codes' shares: as many evenly used codes would say as much.
    pub perplexity: f64,
    /// Mean squared distance of rows and codes.
    pub squared_error: f64,
}

impl VectorQuantizer {
    /// One code a row.
    #[must_use]
    pub fn new(codebook: Vectors) -> Self {
        Self { codebook }
    }

    /// The codes.
    #[must_use]
    pub fn codebook(&self) -> VectorsRef<'_> {
        self.codebook.view()
    }

    /// The code of each row.
    ///
    /// # Errors
    /// [`CodecError`]: other dimensions, values that are not finite, interrupted.
    pub fn encode(&self, rows: VectorsRef<'_>, ctx: &Context) -> Result<Vec<u32>, CodecError> {
        check_rows(rows, self.codebook.dim())?;
        Ok(cluster::nearest(self.codebook.view(), rows, ctx)?.0)
    }

    /// The row that a code stands for. Panics at a code that is not there, as slices do.
    #[must_use]
    pub fn decode(&self, code: u32) -> &[f32] {
        self.codebook.row(code as usize)
    }

    /// How these rows use the codebook.
    ///
    /// # Errors
    /// As [`VectorQuantizer::encode`].
    pub fn usage(&self, rows: VectorsRef<'_>, ctx: &Context) -> Result<Usage, CodecError> {
        check_rows(rows, self.codebook.dim())?;
        let (codes, distances) = cluster::nearest(self.codebook.view(), rows, ctx)?;
        let mut counts = vec![0usize; self.codebook.rows()];
        codes.iter().for_each(|c| counts[*c as usize] += 1);
        let n = rows.rows().max(1) as f64;
        let entropy: f64 = counts.iter().filter(|c| **c > 0).map(|c| *c as f64 / n).map(|p| -p * p.ln()).sum();
        Ok(Usage {
            used: counts.iter().filter(|c| **c > 0).count() as f64 / counts.len() as f64,
            perplexity: entropy.exp(),
            squared_error: distances.iter().map(|d| f64::from(*d)).sum::<f64>() / n,
        })
    }
}
