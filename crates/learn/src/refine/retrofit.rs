//! Retrofitting: vectors drawn towards their neighbours in a lexicon, without losing their place.
//!
//! Minimises Σ α |q − q⁰|² + Σ β |q − q'|² over a graph of words, by sweeps in the order of the vocabulary: each vector becomes the
//! weighted mean of where it was and of where its neighbours are. Words without neighbours do not move. Use it where similarity (not
//! relatedness) is wanted and a lexicon is at hand; the vectors may come from anywhere.
//!
//! Cost: O(sweeps · edges · d). Source: Faruqui, Dodge, Jauhar, Dyer, Hovy and Smith, *Retrofitting Word Vectors to Semantic
//! Lexicons*, 2015.

use serde::{Deserialize, Serialize};
use vectory_core::{Cancelled, Context, Vectors, simd};

use super::Lexicon;
use crate::words::WordsError;

/// How far vectors may be drawn.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RetrofitParams {
    /// Weight of where a vector was (1).
    pub alpha: f32,
    /// Weight of all its neighbours together (1).
    pub beta: f32,
    /// Most sweeps (10).
    pub sweeps: usize,
    /// Stop when no vector moves farther (0.01).
    pub tolerance: f32,
    /// Whether vectors are scaled to unit length first, as the authors do (true).
    pub normalize: bool,
}

impl Default for RetrofitParams {
    fn default() -> Self {
        Self { alpha: 1.0, beta: 1.0, sweeps: 10, tolerance: 1e-2, normalize: true }
    }
}

impl RetrofitParams {
    /// # Errors
    /// [`WordsError::Param`] naming the field and its legal range.
    pub fn check(&self) -> Result<(), WordsError> {
        WordsError::check_positive(&[("alpha", self.alpha), ("beta", self.beta)])?;
        WordsError::check_counts(&[("sweeps", self.sweeps)])
    }
}

/// What came of it.
#[derive(Clone, Debug)]
pub struct Retrofitted {
    /// The vectors.
    pub rows: Vectors,
    /// The farthest move of each sweep.
    pub moves: Vec<f32>,
    /// Words that have neighbours.
    pub moved: usize,
}

/// Draws `rows` (a row a word) towards their neighbours.
///
/// # Errors
/// [`WordsError`]: parameters out of range, interrupted. Panics when rows and lexicon are not of one vocabulary.
pub fn retrofit(
    rows: &Vectors,
    lexicon: &Lexicon,
    params: &RetrofitParams,
    ctx: &Context,
) -> Result<Retrofitted, WordsError> {
    params.check()?;
    assert_eq!(rows.rows(), lexicon.neighbours.len(), "a row a word of the lexicon");
    let mut start = rows.clone();
    if params.normalize {
        start.normalize();
    }
    let (mut now, mut moves) = (start.clone(), Vec::new());
    let mut mean = vec![0.0; rows.dim()];
    for _ in 0..params.sweeps {
        let mut farthest = 0.0f32;
        for (i, neighbours) in lexicon.neighbours.iter().enumerate().filter(|n| !n.1.is_empty()) {
            if i % 4096 == 0 {
                ctx.check().map_err(|e: Cancelled| WordsError::from(e))?;
            }
            let share = params.beta / neighbours.len() as f32;
            mean.fill(0.0);
            neighbours.iter().for_each(|j| simd::axpy(share, now.row(*j as usize), &mut mean));
            simd::axpy(params.alpha, start.row(i), &mut mean);
            mean.iter_mut().for_each(|v| *v /= params.alpha + params.beta);
            farthest = farthest.max(simd::l2_sq(&mean, now.row(i)).sqrt());
            now.row_mut(i).copy_from_slice(&mean);
        }
        moves.push(farthest);
        if farthest < params.tolerance {
            break;
        }
    }
    Ok(Retrofitted { rows: now, moves, moved: lexicon.words() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vocabulary::Vocabulary;
    use vectory_core::linalg::Mat;

    fn lexicon() -> Lexicon {
        Lexicon { neighbours: vec![vec![1, 2], vec![0], vec![0, 3], vec![2], vec![]], ..Lexicon::default() }
    }

    #[test]
    fn sweeps_reach_the_solution_of_the_linear_system() {
        let rows = Vectors::from_slice(&[1.0, 0.0, 0.0, 1.0, -1.0, 0.3, 0.5, 0.5, 2.0, 2.0], 2).unwrap();
        let params = RetrofitParams { sweeps: 200, tolerance: 0.0, normalize: false, ..RetrofitParams::default() };
        let got = retrofit(&rows, &lexicon(), &params, &Context::new(1, 1).unwrap()).unwrap().rows;
        // q_i (α + β) − β / deg Σ q_j = α q⁰_i, by Gauss elimination on the dense system.
        let n = 5;
        let mut a = Mat::identity(n);
        for (i, list) in lexicon().neighbours.iter().enumerate().filter(|l| !l.1.is_empty()) {
            a.row_mut(i)[i] = 2.0;
            list.iter().for_each(|j| a.row_mut(i)[*j as usize] -= 1.0 / list.len() as f64);
        }
        for c in 0..2 {
            for i in 0..n {
                let left: f64 = (0..n).map(|j| a.at(i, j) * f64::from(got.row(j)[c])).sum();
                assert!((left - f64::from(rows.row(i)[c])).abs() < 1e-5, "{i}: {left}");
            }
        }
        assert_eq!(got.row(4), rows.row(4));
    }

    #[test]
    fn lexicons_say_what_they_do_not_know() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("l.txt");
        fs_err::write(&path, "big large huge\nIce_cream sorbet\nlonely\nbig vast big\n\n").unwrap();
        let v = Vocabulary::new(["big", "large", "ice-cream", "sorbet", "vast"].map(|w| (w, 1)));
        let l = Lexicon::read(&path, &v).unwrap();
        assert_eq!(l.neighbours, [vec![1, 4], vec![], vec![3], vec![], vec![]]);
        assert_eq!((l.unknown, l.alone, l.words()), (1, 1, 2));
        assert_eq!(l.without([(4, 0)]).neighbours[0], [1]);
        fs_err::write(&path, "xx yy\nzz\n").unwrap();
        let e = Lexicon::read(&path, &v).unwrap_err().to_string();
        assert!(e.contains("l.txt") && e.contains("2 lines"), "{e}");
    }
}
