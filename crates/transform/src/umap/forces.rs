//! The forces between places of a map.

use vectory_core::rng;

use super::curve::Curve;

/// No step along one dimension is longer.
const LONGEST: f32 = 4.0;

/// Calls a function that is generic over the places' width with the next width that is compiled.
macro_rules! by_dimension {
    ($dim:expr, $f:ident($($arg:expr),*)) => {
        match $dim {
            ..=2 => $f::<2>($($arg),*),
            3 => $f::<3>($($arg),*),
            ..=5 => $f::<5>($($arg),*),
            ..=8 => $f::<8>($($arg),*),
            ..=16 => $f::<16>($($arg),*),
            ..=32 => $f::<32>($($arg),*),
            _ => $f::<128>($($arg),*),
        }
    };
}
pub(super) use by_dimension;

/// The forces between two places.
#[derive(Clone, Copy)]
pub(super) struct Forces {
    a: f32,
    b: f32,
    pub negatives: usize,
    pub alpha: f32,
}

impl Forces {
    pub fn new(curve: Curve, negatives: usize) -> Self {
        Self { a: curve.a as f32, b: curve.b as f32, negatives, alpha: 1.0 }
    }

    /// What `here` moves towards `there`; `there` moves by the negative of it.
    #[inline]
    pub fn pull<const D: usize>(&self, here: &[f32; D], there: &[f32; D]) -> [f32; D] {
        let d2 = squared(here, there);
        if d2 == 0.0 {
            return [0.0; D];
        }
        let power = d2.powf(self.b);
        let c = -2.0 * self.a * self.b * power / (d2 * (1.0 + self.a * power));
        self.step(c, here, there)
    }

    /// What `here` moves away from `there`.
    #[inline]
    fn push<const D: usize>(&self, here: &[f32; D], there: &[f32; D]) -> [f32; D] {
        let d2 = squared(here, there);
        if d2 == 0.0 {
            return [0.0; D];
        }
        let c = 2.0 * self.b / ((0.001 + d2) * (1.0 + self.a * d2.powf(self.b)));
        self.step(c, here, there)
    }

    #[inline]
    fn step<const D: usize>(&self, c: f32, here: &[f32; D], there: &[f32; D]) -> [f32; D] {
        std::array::from_fn(|d| self.alpha * (c * (here[d] - there[d])).clamp(-LONGEST, LONGEST))
    }

    /// Pushes `here` away from random places other than `own`.
    #[inline]
    pub fn scatter<const D: usize>(&self, here: &mut [f32; D], own: usize, all: &[[f32; D]], draws: &mut Draws) {
        for _ in 0..self.negatives {
            let other = draws.below(all.len());
            if other != own {
                add(here, &self.push(here, &all[other]));
            }
        }
    }
}

#[inline]
fn squared<const D: usize>(a: &[f32; D], b: &[f32; D]) -> f32 {
    (0..D).map(|d| (a[d] - b[d]) * (a[d] - b[d])).sum()
}

#[inline]
pub(super) fn add<const D: usize>(a: &mut [f32; D], b: &[f32; D]) {
    a.iter_mut().zip(b).for_each(|(a, b)| *a += b);
}

/// A small generator of places.
pub(super) struct Draws(u64);

impl Draws {
    #[inline]
    pub fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (((self.0 >> 32) * n as u64) >> 32) as usize
    }

    pub fn new(seed: u64) -> Self {
        Self(rng::mix(seed) | 1)
    }
}

/// A row with zeros up to the width.
pub(super) fn padded<const D: usize>(row: &[f32]) -> [f32; D] {
    let mut out = [0.0; D];
    out[..row.len()].copy_from_slice(row);
    out
}
