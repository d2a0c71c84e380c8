//! The forms of a stored token, and where the parts of a record lie.

use serde::{Deserialize, Serialize};
use vectory_core::simd::TokenForm;

/// How a token's values are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TokenCodec {
    /// As they are.
    F32,
    /// Half precision; widened to f32 for each product.
    F16,
    /// bfloat16, multiplied as such (so is the query).
    Bf16,
    /// Bytes and a scale a token.
    Int8,
    /// A centroid and 1, 2 or 4 bits a value for the difference from it.
    Residual {
        /// Bits a value.
        bits: u8,
    },
}

impl std::fmt::Display for TokenCodec {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::F32 => f.write_str("F32"),
            Self::F16 => f.write_str("F16"),
            Self::Bf16 => f.write_str("BF16"),
            Self::Int8 => f.write_str("SQ8"),
            Self::Residual { bits } => write!(f, "R{bits}"),
        }
    }
}

impl std::str::FromStr for TokenCodec {
    type Err = String;

    fn from_str(s: &str) -> Result<Self, String> {
        Ok(match s.to_ascii_uppercase().as_str() {
            "F32" | "FLAT" => Self::F32,
            "F16" | "SQFP16" => Self::F16,
            "BF16" | "SQBF16" => Self::Bf16,
            "SQ8" | "INT8" | "I8" => Self::Int8,
            "R1" => Self::Residual { bits: 1 },
            "R2" => Self::Residual { bits: 2 },
            "R4" => Self::Residual { bits: 4 },
            _ => return Err(format!("`{s}` is not a form of tokens (F32, F16, BF16, SQ8, R1, R2, R4)")),
        })
    }
}

/// Sizes of a store's records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Layout {
    pub codec: TokenCodec,
    pub dim: usize,
    pub align: usize,
}

/// The parts of one record.
pub struct Record<'a> {
    /// The centroid of each row; residual codes only.
    pub ids: &'a [u32],
    /// The scale of each row; bytes and residual codes.
    pub scales: &'a [f32],
    /// The codes, row after row.
    pub codes: &'a [u8],
}

impl Layout {
    /// The form in which the kernels read a row, once it is unpacked.
    pub fn form(&self) -> TokenForm {
        match self.codec {
            TokenCodec::F32 | TokenCodec::F16 => TokenForm::F32,
            TokenCodec::Bf16 => TokenForm::Bf16,
            TokenCodec::Int8 | TokenCodec::Residual { .. } => TokenForm::Bytes,
        }
    }

    /// Bytes of the codes of one row.
    pub fn row(&self) -> usize {
        match self.codec {
            TokenCodec::F16 => 2 * self.dim,
            TokenCodec::Residual { bits } => (self.dim * bits as usize).div_ceil(8),
            _ => self.form().stride(self.dim),
        }
    }

    /// Bytes of a record's part before the codes, and of all of it.
    fn sizes(&self, tokens: usize) -> (usize, usize) {
        let side = match self.codec {
            TokenCodec::Residual { .. } => 8 * tokens,
            TokenCodec::Int8 => 4 * tokens,
            _ => 0,
        };
        (side, side + self.row() * tokens)
    }

    /// Bytes of a record of so many rows.
    pub fn record(&self, tokens: usize) -> usize {
        self.sizes(tokens).1
    }

    /// Bytes that a record takes in the file.
    pub fn place(&self, tokens: usize) -> usize {
        self.record(tokens).next_multiple_of(self.align)
    }

    /// The parts of a record of `tokens` rows that starts at a multiple of four bytes. Panics when it is shorter.
    pub fn parts<'a>(&self, record: &'a [u8], tokens: usize) -> Record<'a> {
        let (side, all) = self.sizes(tokens);
        let (side, codes) = record[..all].split_at(side);
        // An empty part is cut from the record too: it must be aligned as a full one.
        let ids = if matches!(self.codec, TokenCodec::Residual { .. }) { 4 * tokens } else { 0 };
        let (ids, scales) = side.split_at(ids);
        Record { ids: bytemuck::cast_slice(ids), scales: bytemuck::cast_slice(scales), codes }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_as_shown() {
        let residual = |bits| TokenCodec::Residual { bits };
        for codec in [TokenCodec::F32, TokenCodec::F16, TokenCodec::Bf16, TokenCodec::Int8, residual(1), residual(4)] {
            assert_eq!(codec.to_string().parse::<TokenCodec>().unwrap(), codec);
        }
        assert!("R3".parse::<TokenCodec>().unwrap_err().contains("R1, R2, R4"));
    }

    #[test]
    fn records_have_their_bytes() {
        let of = |codec| Layout { codec, dim: 10, align: 64 };
        assert_eq!(of(TokenCodec::Residual { bits: 4 }).record(3), 3 * (8 + 5));
        assert_eq!(of(TokenCodec::Residual { bits: 1 }).record(3), 3 * (8 + 2));
        assert_eq!(of(TokenCodec::Int8).record(3), 3 * (4 + 12));
        assert_eq!((of(TokenCodec::F16).record(3), of(TokenCodec::F16).place(3)), (60, 64));
    }
}
