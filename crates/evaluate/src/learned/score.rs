//! Word vectors against judgements and analogies: [`crate::words`], as the claims here ask for it.

use std::path::Path;

use vectory_core::registry::ClaimError;
use vectory_core::stats::spearman;
use vectory_core::{Context, simd};
use vectory_learn::embedding::Embedding;
use vectory_learn::words::{Unknown, WordSpace};

use crate::words::{Analogies, Pairs, Questions};

/// The answer of an analogy is sought among so many words, the most frequent ones.
const CANDIDATES: usize = 30_000;

/// Google's analogies.
pub(super) fn analogies(e: &Embedding, path: &Path, ctx: &Context) -> Result<Analogies, ClaimError> {
    let questions = Questions::read(path).map_err(ClaimError::failed)?;
    crate::words::analogies(&WordSpace::of(e), &questions, CANDIDATES, ctx).map_err(ClaimError::failed)
}

/// Spearman's correlation of cosines with judgements, and how many pairs have a word without a vector: their cosine counts as 0.
pub(super) fn similarity(e: &Embedding, path: &Path) -> Result<(f64, usize), ClaimError> {
    let (set, space) = (Pairs::read(path).map_err(ClaimError::failed)?, WordSpace::of(e));
    let (mut ours, mut theirs, mut unknown) = (Vec::new(), Vec::new(), 0);
    for (a, b, score) in &set.pairs {
        let both = space.vector(a, Unknown::Parts).and_then(|u| Ok((u.0, space.vector(b, Unknown::Parts)?.0)));
        unknown += usize::from(both.is_err());
        ours.push(both.map_or(0.0, |(u, v)| f64::from(simd::cosine(&u, &v))));
        theirs.push(*score);
    }
    let rho = spearman(&ours, &theirs).ok_or_else(|| ClaimError::failed("no correlation"))?;
    Ok((rho, unknown))
}

/// The `k` words nearest to a vector.
pub(super) fn nearest(e: &Embedding, v: &[f32], k: usize, ctx: &Context) -> Vec<String> {
    let space = WordSpace::of(e);
    space.nearest(v, k, &[], ctx).iter().map(|h| space.vocabulary().word(h.id).to_owned()).collect()
}
