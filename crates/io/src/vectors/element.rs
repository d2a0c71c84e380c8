//! The numbers in files, to and from f32.

use half::{bf16, f16};

/// A kind of number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Element {
    /// 32-bit float.
    F32,
    /// 64-bit float, rounded to f32.
    F64,
    /// 16-bit float.
    F16,
    /// bfloat16.
    Bf16,
    /// Signed byte.
    I8,
    /// Byte.
    U8,
    /// 16-bit integer.
    I16,
    /// 16-bit unsigned integer.
    U16,
    /// 32-bit integer.
    I32,
    /// 32-bit unsigned integer.
    U32,
    /// 64-bit integer.
    I64,
    /// 64-bit unsigned integer.
    U64,
    /// A byte that is 0 or 1.
    Bool,
}

const NAMES: [(Element, &str, usize); 13] = [
    (Element::F32, "f32", 4),
    (Element::F64, "f64", 8),
    (Element::F16, "f16", 2),
    (Element::Bf16, "bf16", 2),
    (Element::I8, "i8", 1),
    (Element::U8, "u8", 1),
    (Element::I16, "i16", 2),
    (Element::U16, "u16", 2),
    (Element::I32, "i32", 4),
    (Element::U32, "u32", 4),
    (Element::I64, "i64", 8),
    (Element::U64, "u64", 8),
    (Element::Bool, "bool", 1),
];

impl Element {
    /// Its name: `f32`, `u8`, ….
    #[must_use]
    pub fn name(self) -> &'static str {
        NAMES.iter().find(|(e, _, _)| *e == self).map_or("", |(_, name, _)| name)
    }

    /// Its size in bytes.
    #[must_use]
    pub fn bytes(self) -> usize {
        NAMES.iter().find(|(e, _, _)| *e == self).map_or(1, |(_, _, bytes)| *bytes)
    }

    /// Appends the numbers in `raw` (little-endian, a multiple of the size) to `out`; the place of the first that f32 cannot hold
    /// exactly (integers beyond 2^24) is the error. f64 is rounded.
    pub(super) fn decode(self, raw: &[u8], out: &mut Vec<f32>) -> Result<(), usize> {
        match self {
            Self::F32 => {
                let start = out.len();
                out.resize(start + raw.len() / 4, 0.0);
                bytemuck::cast_slice_mut::<f32, u8>(&mut out[start..]).copy_from_slice(&raw[..raw.len() / 4 * 4]);
                if cfg!(target_endian = "big") {
                    out[start..].iter_mut().for_each(|v| *v = f32::from_bits(v.to_bits().swap_bytes()));
                }
            }
            Self::F64 => out.extend(chunks(raw).map(|b| f64::from_le_bytes(b) as f32)),
            Self::F16 => out.extend(chunks(raw).map(|b| f16::from_le_bytes(b).to_f32())),
            Self::Bf16 => out.extend(chunks(raw).map(|b| bf16::from_le_bytes(b).to_f32())),
            Self::I8 => out.extend(raw.iter().map(|b| f32::from(*b as i8))),
            Self::U8 | Self::Bool => out.extend(raw.iter().map(|b| f32::from(*b))),
            Self::I16 => out.extend(chunks(raw).map(|b| f32::from(i16::from_le_bytes(b)))),
            Self::U16 => out.extend(chunks(raw).map(|b| f32::from(u16::from_le_bytes(b)))),
            Self::I32 => return exact(chunks(raw).map(|b| i128::from(i32::from_le_bytes(b))), out),
            Self::U32 => return exact(chunks(raw).map(|b| i128::from(u32::from_le_bytes(b))), out),
            Self::I64 => return exact(chunks(raw).map(|b| i128::from(i64::from_le_bytes(b))), out),
            Self::U64 => return exact(chunks(raw).map(|b| i128::from(u64::from_le_bytes(b))), out),
        }
        Ok(())
    }

    /// Appends the bytes of `values` to `out`; the place of the first that this kind cannot hold is the error: a number with a
    /// fraction or out of range for integers, a finite number that would become infinite for floats.
    pub(super) fn encode(self, values: &[f32], out: &mut Vec<u8>) -> Result<(), usize> {
        match self {
            Self::F32 if cfg!(target_endian = "little") => {
                out.extend_from_slice(bytemuck::cast_slice(values));
                Ok(())
            }
            Self::F32 => put(values, out, |v| Some(v.to_le_bytes())),
            Self::F64 => put(values, out, |v| Some(f64::from(v).to_le_bytes())),
            Self::F16 => put(values, out, |v| {
                let h = f16::from_f32(v);
                (h.is_finite() || !v.is_finite()).then(|| h.to_le_bytes())
            }),
            Self::Bf16 => put(values, out, |v| {
                let h = bf16::from_f32(v);
                (h.is_finite() || !v.is_finite()).then(|| h.to_le_bytes())
            }),
            Self::I8 => put(values, out, |v| whole(v, -128.0, 127.0).map(|v| (v as i8).to_le_bytes())),
            Self::U8 => put(values, out, |v| whole(v, 0.0, 255.0).map(|v| [v as u8])),
            Self::Bool => put(values, out, |v| whole(v, 0.0, 1.0).map(|v| [v as u8])),
            Self::I16 => put(values, out, |v| whole(v, -32_768.0, 32_767.0).map(|v| (v as i16).to_le_bytes())),
            Self::U16 => put(values, out, |v| whole(v, 0.0, 65_535.0).map(|v| (v as u16).to_le_bytes())),
            Self::I32 => {
                put(values, out, |v| whole(v, -2_147_483_648.0, 2_147_483_520.0).map(|v| (v as i32).to_le_bytes()))
            }
            Self::U32 => put(values, out, |v| whole(v, 0.0, 4_294_967_040.0).map(|v| (v as u32).to_le_bytes())),
            Self::I64 => put(values, out, |v| whole(v, -9.2e18, 9.2e18).map(|v| (v as i64).to_le_bytes())),
            Self::U64 => put(values, out, |v| whole(v, 0.0, 1.8e19).map(|v| (v as u64).to_le_bytes())),
        }
    }
}

impl std::str::FromStr for Element {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let names = || NAMES.iter().map(|(_, n, _)| *n).collect::<Vec<_>>().join(", ");
        let found = NAMES.iter().find(|(_, name, _)| *name == text).map(|(e, _, _)| *e);
        found.ok_or_else(|| format!("unknown element type `{text}`, expected one of {}", names()))
    }
}

fn chunks<const N: usize>(raw: &[u8]) -> impl Iterator<Item = [u8; N]> + '_ {
    raw.as_chunks::<N>().0.iter().copied()
}

fn exact(values: impl Iterator<Item = i128>, out: &mut Vec<f32>) -> Result<(), usize> {
    for (i, v) in values.enumerate() {
        let f = v as f32;
        if f as i128 != v {
            return Err(i);
        }
        out.push(f);
    }
    Ok(())
}

fn put<const N: usize>(values: &[f32], out: &mut Vec<u8>, bytes: impl Fn(f32) -> Option<[u8; N]>) -> Result<(), usize> {
    out.reserve(values.len() * N);
    for (i, v) in values.iter().enumerate() {
        out.extend_from_slice(&bytes(*v).ok_or(i)?);
    }
    Ok(())
}

fn whole(v: f32, low: f32, high: f32) -> Option<f32> {
    (v.fract() == 0.0 && v >= low && v <= high).then_some(v)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_round_trips_small_whole_numbers() {
        for (element, name, size) in NAMES {
            let values = [0.0, 1.0, 1.0, 0.0];
            let (mut raw, mut back) = (Vec::new(), Vec::new());
            element.encode(&values, &mut raw).unwrap();
            assert_eq!(raw.len(), 4 * size, "{name}");
            element.decode(&raw, &mut back).unwrap();
            assert_eq!(back, values, "{name}");
            assert_eq!(name.parse::<Element>().unwrap(), element);
        }
    }

    #[test]
    fn what_does_not_fit_is_located() {
        let mut out = Vec::new();
        assert_eq!(Element::U8.encode(&[0.0, 255.0, 256.0], &mut out), Err(2));
        assert_eq!(Element::I8.encode(&[0.5], &mut out), Err(0));
        assert_eq!(Element::I32.encode(&[f32::NAN], &mut out), Err(0));
        assert_eq!(Element::F16.encode(&[1e6], &mut out), Err(0));
        assert_eq!(Element::F16.encode(&[f32::INFINITY], &mut out), Ok(()));
        let raw: Vec<u8> = [5i32, 16_777_217].iter().flat_map(|v| v.to_le_bytes()).collect();
        assert_eq!(Element::I32.decode(&raw, &mut Vec::new()), Err(1));
        assert_eq!(Element::I64.decode(&i64::MAX.to_le_bytes(), &mut Vec::new()), Err(0));
    }
}
