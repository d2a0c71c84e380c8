//! A candidate as one number.

/// Set while a candidate was not looked around from. The lowest bit, so that it orders nothing but itself.
pub const OPEN: u64 = 1;
/// Rows of equal scores go in a mixed order: by number, all rows of a tie would be linked to the same few. Odd, and its inverse
/// modulo 2³¹.
const MIX: u32 = 0x2545_F491;
const UNMIX: u32 = 0x4144_4C71;

/// Larger is nearer. Rows are below 2³¹.
#[inline]
pub fn key(score: f32, id: u32) -> u64 {
    let bits = score.to_bits();
    // The order of floats as one of integers: the sign turned, and negative ones backwards.
    let ordered = bits ^ ((bits.cast_signed() >> 31).cast_unsigned() | 0x8000_0000);
    (u64::from(ordered) << 32) | u64::from(id.wrapping_mul(MIX) << 1) | OPEN
}

#[inline]
pub fn id_of(key: u64) -> u32 {
    (key as u32 >> 1).wrapping_mul(UNMIX) & 0x7FFF_FFFF
}

/// The score of a key; −∞ where there is none.
#[inline]
pub fn score_of(key: u64) -> f32 {
    if key == 0 {
        return f32::NEG_INFINITY;
    }
    let ordered = (key >> 32) as u32;
    let turned = ((!ordered).cast_signed() >> 31).cast_unsigned() | 0x8000_0000;
    f32::from_bits(ordered ^ turned)
}
