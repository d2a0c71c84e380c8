//! Bytes and half-bytes as codes, and queries for both: what the codecs of small integers share.

use crate::kernels::{Records, Which, ints};

/// How the codes of a row are packed: one a byte, or two (byte j has dimensions j and j + bytes). A row's bytes are padded
/// with zeros to a multiple of 16.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Packing {
    nibbles: bool,
    bytes: usize,
}

impl Packing {
    /// `bits` is 4 or 8.
    pub fn new(bits: u8, dim: usize) -> Self {
        let nibbles = bits == 4;
        Self { nibbles, bytes: (if nibbles { dim.div_ceil(2) } else { dim }).next_multiple_of(16) }
    }

    /// Bytes a row's codes take.
    pub fn bytes(self) -> usize {
        self.bytes
    }

    /// The largest code.
    pub fn largest(self) -> u32 {
        if self.nibbles { 15 } else { 255 }
    }

    /// Writes the code of a dimension into zeroed bytes.
    #[inline]
    pub fn put(self, record: &mut [u8], j: usize, code: u8) {
        match (self.nibbles, j < self.bytes) {
            (false, _) => record[j] = code,
            (true, true) => record[j] = (record[j] & 0xf0) | code,
            (true, false) => record[j - self.bytes] = (record[j - self.bytes] & 15) | code << 4,
        }
    }

    /// Reads the code of a dimension.
    #[inline]
    pub fn get(self, record: &[u8], j: usize) -> u8 {
        match (self.nibbles, j < self.bytes) {
            (false, _) => record[j],
            (true, true) => record[j] & 15,
            (true, false) => record[j - self.bytes] >> 4,
        }
    }
}

/// A query of integers, arranged for one packing.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ints {
    query: ints::IntQuery,
    arranged: Vec<f32>,
}

impl Ints {
    /// Takes the query's values, one a dimension.
    pub fn set(&mut self, values: &[f32], packing: Packing) {
        self.arranged.clear();
        if packing.nibbles {
            let split = values.len().min(packing.bytes);
            let half = ints::nibble_half(packing.bytes);
            self.arranged.extend_from_slice(&values[..split]);
            self.arranged.resize(half, 0.0);
            self.arranged.extend_from_slice(&values[split..]);
            self.arranged.resize(2 * half, 0.0);
        } else {
            self.arranged.extend_from_slice(values);
        }
        self.query.set(&self.arranged, packing.largest());
    }

    /// What one step of the sums is worth.
    pub fn scale(&self) -> f32 {
        self.query.scale
    }

    /// Σ code · integer of each record, `stride` bytes apart, whose first bytes are codes.
    pub fn sums(&self, packing: Packing, bytes: &[u8], stride: usize, which: Which<'_>, out: &mut [i32]) {
        let records = Records { bytes, stride, used: packing.bytes };
        if packing.nibbles {
            ints::nibbles(&self.query, records, which, out);
        } else {
            ints::bytes(&self.query, records, which, out);
        }
    }
}
