//! Seeds: one number at the top, an independent stream for every stage and item, the same for any thread count.

use rand::SeedableRng;
pub use rand_xoshiro::Xoshiro256PlusPlus as Rng;

/// A generator for `stage` under `seed`. Two stages of one run draw from unrelated streams.
#[must_use]
pub fn stream(seed: u64, stage: &str) -> Rng {
    Rng::seed_from_u64(crate::hash::fnv1a(stage.as_bytes()) ^ mix(seed))
}

/// A generator for item `index` of `stage`: draws then depend on the item, not on the thread that meets it.
#[must_use]
pub fn item(seed: u64, stage: &str, index: u64) -> Rng {
    Rng::seed_from_u64(mix(crate::hash::fnv1a(stage.as_bytes()) ^ mix(seed).rotate_left(17)) ^ mix(index))
}

/// SplitMix64's finalizer: spreads nearby numbers over all 64 bits.
#[must_use]
pub fn mix(mut x: u64) -> u64 {
    x = x.wrapping_add(0x9e37_79b9_7f4a_7c15);
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

#[cfg(test)]
mod tests {
    use rand::RngExt;

    #[test]
    fn streams_differ_by_stage_and_item_and_repeat() {
        let draw = |mut r: super::Rng| r.random::<u64>();
        assert_eq!(draw(super::stream(7, "a")), draw(super::stream(7, "a")));
        assert_ne!(draw(super::stream(7, "a")), draw(super::stream(7, "b")));
        assert_ne!(draw(super::item(7, "a", 0)), draw(super::item(7, "a", 1)));
    }
}
