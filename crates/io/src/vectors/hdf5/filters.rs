//! What chunks go through on their way to the file.

use std::io::Read;

use super::bytes::Bytes;

/// A filter, in the order in which it was applied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Filter {
    Deflate,
    /// Bytes of equal significance side by side, for values of so many bytes.
    Shuffle(usize),
    /// Four bytes of checksum at the end.
    Fletcher32,
}

/// Reads a filter pipeline message.
pub fn read(mut body: Bytes<'_>) -> Result<Vec<Filter>, String> {
    let version = body.version("a filter pipeline", 1..=2)?;
    let count = body.u8()?;
    body.skip(if version == 1 { 6 } else { 0 })?;
    let mut out = Vec::new();
    for _ in 0..count {
        let id = body.u16()?;
        let name = if version == 1 || id >= 256 { usize::from(body.u16()?) } else { 0 };
        body.skip(2)?;
        let values = usize::from(body.u16()?);
        let name = body.take(if version == 1 { name.next_multiple_of(8) } else { name })?;
        let first = if values > 0 { Bytes::new(body.take(4 * values)?).u32()? } else { 0 };
        body.skip(if version == 1 { 4 * (values % 2) } else { 0 })?;
        out.push(match id {
            1 => Filter::Deflate,
            2 => Filter::Shuffle(first as usize),
            3 => Filter::Fletcher32,
            _ => {
                let name = String::from_utf8_lossy(name).trim_end_matches('\0').to_owned();
                return Err(format!("is packed by filter {id} ({name}), expected gzip, shuffle or fletcher32"));
            }
        });
    }
    Ok(out)
}

/// Undoes the filters whose bit in `skipped` is not set; what comes out must have `size` bytes.
pub fn undo(filters: &[Filter], skipped: u32, stored: &[u8], size: usize) -> Result<Vec<u8>, String> {
    let mut data = stored.to_vec();
    for (i, filter) in filters.iter().enumerate().rev() {
        if skipped >> i & 1 == 1 {
            continue;
        }
        match filter {
            Filter::Deflate => {
                let mut out = Vec::new();
                // A checksum may still follow the values.
                let mut input = flate2::read::ZlibDecoder::new(&data[..]).take(size as u64 + 5);
                input.read_to_end(&mut out).map_err(|e| format!("has a chunk that cannot be unpacked ({e})"))?;
                data = out;
            }
            Filter::Shuffle(width) => data = unshuffle(&data, *width),
            Filter::Fletcher32 => {
                let (values, sum) = data.split_last_chunk::<4>().ok_or("has a chunk without its checksum")?;
                // The sums are taken modulo 65535, where 65535 may be written for 0.
                let (have, want) = (fletcher32(values), u32::from_le_bytes(*sum));
                if [have >> 16, have & 0xffff] != [want >> 16, want & 0xffff].map(|half| half % 65535) {
                    return Err("has a chunk whose checksum does not match".into());
                }
                data.truncate(data.len() - 4);
            }
        }
    }
    if data.len() != size {
        return Err(format!("has a chunk of {} bytes, expected {size}", data.len()));
    }
    Ok(data)
}

fn unshuffle(data: &[u8], width: usize) -> Vec<u8> {
    if width < 2 {
        return data.to_vec();
    }
    let (n, mut out) = (data.len() / width, data.to_vec());
    for (b, plane) in data.chunks_exact(n.max(1)).take(width).enumerate().filter(|_| n > 0) {
        plane.iter().enumerate().for_each(|(i, v)| out[i * width + b] = *v);
    }
    out
}

/// Fletcher's checksum over big-endian words of 16 bits.
fn fletcher32(data: &[u8]) -> u32 {
    let (mut a, mut b) = (0u32, 0u32);
    let mut add = |word: u32| {
        a = (a + word) % 65535;
        b = (b + a) % 65535;
    };
    let (words, last) = data.as_chunks::<2>();
    words.iter().for_each(|w| add(u16::from_be_bytes(*w).into()));
    last.iter().for_each(|v| add(u32::from(*v) << 8));
    b << 16 | a
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_go_back_to_their_values() {
        assert_eq!(unshuffle(&[1, 3, 5, 2, 4, 6, 9], 2), [1, 2, 3, 4, 5, 6, 9]);
        assert_eq!(unshuffle(&[1, 2], 4), [1, 2]);
        let values = [7u8, 8, 9];
        let stored = [&values[..], &fletcher32(&values).to_le_bytes()].concat();
        assert_eq!(undo(&[Filter::Fletcher32], 0, &stored, 3).unwrap(), values);
        assert!(undo(&[Filter::Fletcher32], 0, &[1, 2, 3, 4, 5, 6, 7], 3).unwrap_err().contains("checksum"));
        assert_eq!(undo(&[Filter::Deflate], 1, &values, 3).unwrap(), values);
        assert!(undo(&[Filter::Deflate], 0, &values, 3).unwrap_err().contains("unpacked"));
        assert!(undo(&[], 0, &values, 4).unwrap_err().contains("3 bytes, expected 4"));
    }
}
