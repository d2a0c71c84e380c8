//! Word vectors against judgements and analogies.

use std::path::Path;

use rayon::prelude::*;
use vectory_core::registry::ClaimError;
use vectory_core::stats::spearman;
use vectory_core::{Context, Vectors, simd};
use vectory_learn::embedding::Embedding;

/// The answer of an analogy is sought among so many words, the most frequent ones.
const CANDIDATES: usize = 30_000;

/// Shares of analogies answered exactly by 3CosAdd, of those whose four words are candidates.
pub(super) struct Analogies {
    pub semantic: f64,
    pub syntactic: f64,
    pub total: f64,
    pub asked: usize,
}

/// Google's analogies, lower-cased.
pub(super) fn analogies(e: &Embedding, path: &Path, ctx: &Context) -> Result<Analogies, ClaimError> {
    let text = fs_err::read_to_string(path).map_err(ClaimError::failed)?.to_lowercase();
    let mut rows = e.word_vectors();
    rows.normalize();
    let n = rows.rows().min(CANDIDATES);
    let (mut questions, mut syntactic) = (Vec::new(), false);
    for line in text.lines() {
        if let Some(name) = line.strip_prefix(':') {
            syntactic = name.trim().starts_with("gram");
            continue;
        }
        let ids: Vec<usize> =
            line.split_whitespace().filter_map(|w| e.vocabulary().id(w)).map(|i| i as usize).filter(|i| *i < n).collect();
        if let [a, b, c, d] = ids[..] {
            questions.push((syntactic, [a, b, c, d]));
        }
    }
    let right = |(_, q): &(bool, [usize; 4])| answer(&rows, n, q) == Some(q[3]);
    let answers: Vec<bool> = ctx.pool().install(|| questions.par_iter().map(right).collect());
    let share = |want: Option<bool>| {
        let of = questions.iter().zip(&answers).filter(|(q, _)| want.is_none_or(|w| q.0 == w));
        let (hits, all) = of.fold((0, 0), |(h, n), (_, a)| (h + usize::from(*a), n + 1));
        hits as f64 / f64::from(all.max(1) as u32)
    };
    Ok(Analogies {
        semantic: share(Some(false)),
        syntactic: share(Some(true)),
        total: share(None),
        asked: questions.len(),
    })
}

/// The word nearest to b − a + c, these three left out.
fn answer(rows: &Vectors, n: usize, q: &[usize; 4]) -> Option<usize> {
    let wanted: Vec<f32> = (0..rows.dim()).map(|i| rows.row(q[1])[i] - rows.row(q[0])[i] + rows.row(q[2])[i]).collect();
    let mut scores = vec![0.0; n];
    simd::rows(simd::Op::Dot, &wanted, &rows.as_slice()[..n * rows.dim()], &mut scores);
    let open = scores.iter().enumerate().filter(|(i, _)| !q[..3].contains(i));
    open.max_by(|a, b| a.1.total_cmp(b.1)).map(|(i, _)| i)
}

/// Spearman's correlation of cosines with judgements; a pair with a word without a vector has the cosine 0.
pub(super) fn similarity(e: &Embedding, path: &Path) -> Result<(f64, usize), ClaimError> {
    let text = fs_err::read_to_string(path).map_err(ClaimError::failed)?;
    let (mut ours, mut theirs, mut unknown) = (Vec::new(), Vec::new(), 0);
    for line in text.lines() {
        let mut parts = line.split_whitespace();
        let (Some(a), Some(b), Some(score)) = (parts.next(), parts.next(), parts.next().and_then(|s| s.parse::<f64>().ok()))
        else {
            continue;
        };
        let vectors = (e.vector(&a.to_lowercase()), e.vector(&b.to_lowercase()));
        unknown += usize::from(vectors.0.is_none() || vectors.1.is_none());
        ours.push(if let (Some(u), Some(v)) = vectors { f64::from(simd::cosine(&u, &v)) } else { 0.0 });
        theirs.push(score);
    }
    let rho = spearman(&ours, &theirs).ok_or_else(|| ClaimError::failed("no correlation"))?;
    Ok((rho, unknown))
}

/// The `k` words nearest to a vector.
pub(super) fn nearest<'a>(e: &'a Embedding, v: &[f32], k: usize) -> Vec<&'a str> {
    let rows = e.word_vectors();
    let mut order: Vec<(f32, u32)> = rows.iter().enumerate().map(|(i, r)| (simd::cosine(r, v), i as u32)).collect();
    order.sort_by(|a, b| b.0.total_cmp(&a.0));
    order.into_iter().take(k).map(|(_, i)| e.vocabulary().word(i)).collect()
}
