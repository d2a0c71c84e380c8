//! Bit packing of blocks of integers.
//!
//! A full block of 128 values is packed in four interleaved lanes, as SIMD registers want it (Lemire and Boytsov 2015);
//! a shorter block one value after another. Both take `⌈n·bits/32⌉` words, except that a full block takes `4·bits`.

/// Values in a full block.
pub const BLOCK: usize = 128;

/// Bits that the largest of `values` needs.
pub fn bits_for(values: &[u32]) -> u32 {
    32 - values.iter().fold(0, |a, v| a | v).leading_zeros()
}

/// Words that `n` values of `bits` take.
pub fn words(n: usize, bits: u32) -> usize {
    (n * bits as usize).div_ceil(32)
}

/// Appends `values` (at most a block), each below `2^bits`.
pub fn pack(values: &[u32], bits: u32, out: &mut Vec<u32>) {
    let start = out.len();
    out.resize(start + words(values.len(), bits), 0);
    let out = &mut out[start..];
    let full = values.len() == BLOCK;
    for (i, &v) in values.iter().enumerate() {
        // Where a value goes: in its lane's stream of words (four lanes) or in the only one.
        let (lane, lanes, place) = if full { (i % 4, 4, i / 4) } else { (0, 1, i) };
        let bit = place * bits as usize;
        let (word, shift) = (bit / 32, bit % 32);
        let wide = u64::from(v) << shift;
        if bits > 0 {
            out[word * lanes + lane] |= wide as u32;
        }
        if shift + bits as usize > 32 {
            out[(word + 1) * lanes + lane] |= (wide >> 32) as u32;
        }
    }
}

/// Reads `out.len()` values (at most a block) of `bits`. Words that are missing read as zeros.
pub fn unpack(packed: &[u32], bits: u32, out: &mut [u32]) {
    if bits == 0 {
        out.fill(0);
    } else if let (Ok(block), true) = (<&mut [u32; BLOCK]>::try_from(&mut *out), packed.len() >= 4 * bits as usize) {
        unpack_block(packed, bits, block);
    } else {
        unpack_short(packed, bits, out);
    }
}

fn unpack_short(packed: &[u32], bits: u32, out: &mut [u32]) {
    let mask = if bits >= 32 { u64::from(u32::MAX) } else { (1u64 << bits) - 1 };
    let word = |i: usize| u64::from(packed.get(i).copied().unwrap_or(0));
    for (i, v) in out.iter_mut().enumerate() {
        let bit = i * bits as usize;
        let wide = word(bit / 32) | word(bit / 32 + 1) << 32;
        *v = (wide >> (bit % 32) & mask) as u32;
    }
}

/// One arm a width, so that every shift is a constant and the four lanes become one register.
macro_rules! widths {
    ($packed:ident, $bits:ident, $out:ident: $($b:literal)*) => {
        match $bits {
            $($b => lanes::<$b>($packed, $out),)*
            _ => $out.fill(0),
        }
    };
}

fn unpack_block(packed: &[u32], bits: u32, out: &mut [u32; BLOCK]) {
    widths!(packed, bits, out: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31 32);
}

#[inline]
fn lanes<const BITS: usize>(packed: &[u32], out: &mut [u32; BLOCK]) {
    let packed = &packed[..4 * BITS];
    let mask = if BITS == 32 { u32::MAX } else { (1 << BITS) - 1 };
    for place in 0..BLOCK / 4 {
        let (word, shift) = (place * BITS / 32, place * BITS % 32);
        let next = if shift + BITS > 32 { word + 1 } else { word };
        for lane in 0..4 {
            let low = packed[word * 4 + lane] >> shift;
            // Where the value does not cross a word, `next` is the same word and its bits are masked away or equal.
            let high = if shift + BITS > 32 { packed[next * 4 + lane] << (32 - shift) } else { 0 };
            out[place * 4 + lane] = (low | high) & mask;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn unpacked_is_packed(values in proptest::collection::vec(any::<u32>(), 0..=BLOCK), full: bool, shift in 0u32..32) {
            let mut values: Vec<u32> = values.iter().map(|v| v >> shift).collect();
            if full {
                values.resize(BLOCK, 1);
            }
            let bits = bits_for(&values);
            let mut packed = vec![7];
            pack(&values, bits, &mut packed);
            prop_assert_eq!(packed.len() - 1, words(values.len(), bits));
            let mut out = vec![9; values.len()];
            unpack(&packed[1..], bits, &mut out);
            prop_assert_eq!(out, values);
        }

        #[test]
        fn short_input_never_panics(packed in proptest::collection::vec(any::<u32>(), 0..40), bits in 0u32..40, n in 0usize..=BLOCK) {
            let mut out = vec![0; n];
            unpack(&packed, bits.min(32), &mut out);
        }
    }
}
