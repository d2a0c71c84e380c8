//! Hashes with a fixed value on every machine and version: for seeds, content addresses and change detection
//! (not for hostile input; use a keyed hasher for maps over user data).

/// FNV-1a, 64 bits.
#[must_use]
pub fn fnv1a(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |h, b| (h ^ u64::from(*b)).wrapping_mul(0x0100_0000_01b3))
}

/// A 128-bit content hash as 32 hexadecimal digits: two independently seeded 64-bit lanes over 8-byte words.
/// Tells changed content from unchanged; it does not resist an adversary.
#[must_use]
pub fn content(bytes: &[u8]) -> String {
    format!("{:016x}{:016x}", lane(bytes, 0x243f_6a88_85a3_08d3), lane(bytes, 0x1319_8a2e_0370_7344))
}

fn lane(bytes: &[u8], seed: u64) -> u64 {
    let mut h = crate::rng::mix(seed ^ bytes.len() as u64);
    let mut words = bytes.chunks_exact(8);
    for w in &mut words {
        let mut x = [0; 8];
        x.copy_from_slice(w);
        h = (h ^ u64::from_le_bytes(x)).wrapping_mul(0x9fb2_1c65_1e98_df25).rotate_left(29) ^ (h >> 31);
    }
    let mut last = [0; 8];
    last[..words.remainder().len()].copy_from_slice(words.remainder());
    crate::rng::mix(crate::rng::mix(h ^ u64::from_le_bytes(last)) ^ seed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_value_and_sensitivity() {
        assert_eq!(fnv1a(b""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(fnv1a(b"a"), 0xaf63_dc4c_8601_ec8c);
        assert_ne!(content(b"abcdefgh1"), content(b"abcdefgh2"));
        assert_ne!(content(b"a"), content(b"a\0"));
        assert_eq!(content(b"x").len(), 32);
    }
}
