//! Rows as bytes.

/// A value of a row.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Nothing.
    Null,
    /// A whole number.
    Int(i64),
    /// A number.
    Real(f64),
    /// UTF-8 text (what is not UTF-8 is replaced).
    Text(String),
    /// Bytes.
    Blob(Vec<u8>),
}

impl Value {
    /// A number of either kind.
    #[must_use]
    pub fn number(&self) -> Option<f64> {
        match self {
            Self::Int(v) => Some(*v as f64),
            Self::Real(v) => Some(*v),
            _ => None,
        }
    }
}

/// A variable-length number at `at`, and where it ends.
pub(super) fn varint(bytes: &[u8], at: usize) -> Option<(u64, usize)> {
    let mut value = 0u64;
    for i in 0..9 {
        let byte = *bytes.get(at + i)?;
        if i == 8 {
            return Some((value << 8 | u64::from(byte), at + 9));
        }
        value = value << 7 | u64::from(byte & 0x7f);
        if byte < 0x80 {
            return Some((value, at + i + 1));
        }
    }
    None
}

/// Appends a variable-length number.
pub(super) fn push_varint(out: &mut Vec<u8>, value: u64) {
    if value >> 56 != 0 {
        (0..8).for_each(|i| out.push((value >> (57 - 7 * i)) as u8 | 0x80));
        out.push(value as u8);
        return;
    }
    let digits = (64 - value.leading_zeros()).div_ceil(7).max(1);
    for i in (0..digits).rev() {
        let more = if i > 0 { 0x80 } else { 0 };
        out.push((value >> (7 * i)) as u8 & 0x7f | more);
    }
}

/// The values of a record.
pub(super) fn decode(bytes: &[u8]) -> Option<Vec<Value>> {
    let (header, mut at) = varint(bytes, 0)?;
    let (header, mut out) = (usize::try_from(header).ok()?, Vec::new());
    let mut body = header;
    while at < header {
        let (kind, next) = varint(bytes, at)?;
        at = next;
        let len = match kind {
            0 | 8 | 9 => 0,
            1..=4 => kind as usize,
            5 => 6,
            6 | 7 => 8,
            12.. => usize::try_from((kind - 12) / 2).ok()?,
            _ => return None,
        };
        let data = bytes.get(body..body.checked_add(len)?)?;
        body += len;
        out.push(match kind {
            0 => Value::Null,
            8 => Value::Int(0),
            9 => Value::Int(1),
            7 => Value::Real(f64::from_bits(data.iter().fold(0, |v, b| v << 8 | u64::from(*b)))),
            1..=6 => {
                let first = i64::from(data[0].cast_signed());
                Value::Int(data[1..].iter().fold(first, |v, b| v << 8 | i64::from(*b)))
            }
            _ if kind % 2 == 0 => Value::Blob(data.to_vec()),
            _ => Value::Text(String::from_utf8_lossy(data).into_owned()),
        });
    }
    Some(out)
}

/// A record of values.
pub(super) fn encode(values: &[Value]) -> Vec<u8> {
    let (mut kinds, mut body) = (Vec::new(), Vec::new());
    for value in values {
        match value {
            Value::Null => push_varint(&mut kinds, 0),
            Value::Int(v) => {
                let (kind, len) = match v {
                    -0x80..=0x7f => (1, 1),
                    -0x8000..=0x7fff => (2, 2),
                    -0x80_0000..=0x7f_ffff => (3, 3),
                    -0x8000_0000..=0x7fff_ffff => (4, 4),
                    _ => (6, 8),
                };
                push_varint(&mut kinds, kind);
                body.extend_from_slice(&v.to_be_bytes()[8 - len..]);
            }
            Value::Real(v) => {
                push_varint(&mut kinds, 7);
                body.extend_from_slice(&v.to_be_bytes());
            }
            Value::Text(v) => {
                push_varint(&mut kinds, 13 + 2 * v.len() as u64);
                body.extend_from_slice(v.as_bytes());
            }
            Value::Blob(v) => {
                push_varint(&mut kinds, 12 + 2 * v.len() as u64);
                body.extend_from_slice(v);
            }
        }
    }
    // The header counts its own length, whose varint may be two bytes long.
    let own = if kinds.len() + 1 < 128 {
        1
    } else if kinds.len() + 2 < 1 << 14 {
        2
    } else {
        3
    };
    let mut out = Vec::with_capacity(own + kinds.len() + body.len());
    push_varint(&mut out, (own + kinds.len()) as u64);
    out.extend_from_slice(&kinds);
    out.extend_from_slice(&body);
    out
}
