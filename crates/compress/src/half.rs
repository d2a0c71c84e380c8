//! Rows of 16-bit floats: half precision (IEEE 754) or bfloat16.
//!
//! **When.** Half the bytes at no loss that a ranking shows (f16: 11 bits of precision, values up to 65,504, beyond which they
//! are clamped; bf16: 8 bits, the range of f32). **Cost.** Nothing to fit; a score is one pass at half the bytes of f32.

use serde::{Deserialize, Serialize};
use vectory_core::{Context, Metric, VectorsRef};

use crate::codec::check_fit;
use crate::kernels::{Records, Which, halves};
use crate::rows::{set_query, squared, unit_row};
use crate::state::{State, StateError};
use crate::{Codec, CodecError, CodesRef, FitCodec, Layout, ParamsError};

/// Which 16 bits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum HalfParams {
    /// IEEE half precision.
    #[default]
    F16,
    /// bfloat16.
    Bf16,
}

/// 16-bit floats for rows of one dimension, under one metric.
#[derive(Clone, Debug, PartialEq)]
pub struct Half {
    params: HalfParams,
    metric: Metric,
    dim: usize,
}

/// A vector made ready.
#[derive(Clone, Debug, Default)]
pub struct HalfQuery {
    values: Vec<f32>,
    base: f32,
}

impl FitCodec for HalfParams {
    type Codec = Half;

    fn check(&self, _: usize) -> Result<(), ParamsError> {
        Ok(())
    }

    fn fit(&self, rows: VectorsRef<'_>, metric: Metric, _: &Context) -> Result<Half, CodecError> {
        check_fit(rows, metric)?;
        Ok(Half { params: *self, metric, dim: rows.dim() })
    }
}

impl Half {
    pub(crate) fn state(&self) -> State {
        State::new(serde_json::json!({ "codec": self.params, "metric": self.metric, "dim": self.dim }))
    }

    pub(crate) fn from_state(state: &State) -> Result<Self, StateError> {
        let dim: usize = state.param("dim")?;
        if dim == 0 || dim > 1 << 24 {
            return Err(StateError::new(format!("codec parameter `dim` is {dim}")));
        }
        Ok(Self { params: state.param("codec")?, metric: state.metric()?, dim })
    }

    /// Bytes of the values of a record, padded to 16 values.
    fn bytes(&self) -> usize {
        2 * self.dim.next_multiple_of(16)
    }

    /// Under l2 a record ends with its squared length.
    fn l2(&self) -> bool {
        self.metric == Metric::L2
    }

    fn bits(&self, v: f32) -> u16 {
        match self.params {
            HalfParams::F16 => half::f16::from_f32(v.clamp(-65504.0, 65504.0)).to_bits(),
            HalfParams::Bf16 => {
                let b = half::bf16::from_f32(v);
                // Rounding may step over the largest finite value.
                if b.is_finite() { b.to_bits() } else { b.to_bits() - 1 }
            }
        }
    }

    fn value(&self, bits: u16) -> f32 {
        match self.params {
            HalfParams::F16 => half::f16::from_bits(bits).to_f32(),
            HalfParams::Bf16 => half::bf16::from_bits(bits).to_f32(),
        }
    }

    fn read(&self, record: &[u8], out: &mut [f32]) {
        for (v, b) in out.iter_mut().zip(record.chunks_exact(2)) {
            *v = self.value(u16::from_le_bytes([b[0], b[1]]));
        }
    }

    fn all(&self, query: &HalfQuery, codes: CodesRef<'_>, which: Which<'_>, out: &mut [f32]) {
        let (bytes, stride, used) = (codes.primary(), codes.layout().primary, self.bytes());
        halves::dots(self.params == HalfParams::Bf16, &query.values, Records { bytes, stride, used }, which, out);
        if self.l2() {
            for (i, score) in out.iter_mut().enumerate() {
                let at = which.at(i) * stride + used;
                let squared = f32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]]);
                *score = query.base + 2.0 * *score - squared;
            }
        }
    }
}

impl Codec for Half {
    type Query = HalfQuery;

    fn name(&self) -> String {
        match self.params {
            HalfParams::F16 => "SQfp16".into(),
            HalfParams::Bf16 => "SQbf16".into(),
        }
    }

    fn dim(&self) -> usize {
        self.dim
    }

    fn metric(&self) -> Metric {
        self.metric
    }

    fn layout(&self) -> Layout {
        Layout::records(self.bytes() + if self.l2() { 4 } else { 0 }, 0)
    }

    fn encode_into(&self, rows: VectorsRef<'_>, primary: &mut [u8], _: &mut [u8]) {
        let mut back = vec![0.0; self.dim];
        for (row, record) in rows.iter().zip(primary.chunks_exact_mut(self.layout().primary)) {
            for (v, b) in unit_row(row, self.metric).iter().zip(record.chunks_exact_mut(2)) {
                b.copy_from_slice(&self.bits(*v).to_le_bytes());
            }
            if self.l2() {
                self.read(record, &mut back);
                record[self.bytes()..].copy_from_slice(&squared(&back).to_le_bytes());
            }
        }
    }

    fn decode(&self, codes: CodesRef<'_>, id: u32, out: &mut [f32]) {
        self.read(codes.record(id), out);
    }

    fn query_into(&self, values: &[f32], query: &mut HalfQuery) {
        assert_eq!(values.len(), self.dim, "a query of {} values for rows of {}", values.len(), self.dim);
        set_query(&mut query.values, values, self.metric);
        query.base = -squared(&query.values);
        query.values.resize(self.bytes() / 2, 0.0);
    }

    fn row_query_into(&self, codes: CodesRef<'_>, id: u32, query: &mut HalfQuery) {
        let mut values = vec![0.0; self.dim];
        self.read(codes.record(id), &mut values);
        self.query_into(&values, query);
    }

    fn scores(&self, query: &HalfQuery, codes: CodesRef<'_>, ids: &[u32], out: &mut [f32]) {
        self.all(query, codes, Which::Ids(ids), out);
    }

    fn block(&self, query: &HalfQuery, codes: CodesRef<'_>, start: usize, out: &mut [f32]) {
        self.all(query, codes, Which::From(start), out);
    }
}
