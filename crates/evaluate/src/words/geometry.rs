//! Are analogies parallel lines? Cosines of the offsets b − a and d − c of pairs in one relation, against shuffled pairs.
//!
//! Source: the measures that Ri, Lee and Verma (2023) report beside accuracy; mean of true cosines minus that of pairs whose second words
//! were shuffled within the section.

use std::collections::BTreeSet;

use rand::seq::SliceRandom;
use serde::Serialize;
use vectory_core::{rng, simd, stats};
use vectory_learn::words::{Origin, WordSpace};

use super::Questions;

/// Pairs of a section that are compared with each other.
const MOST: usize = 60;

/// How parallel the pairs of all sections are.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Geometry {
    /// Mean cosine of two offsets of one relation.
    pub parallel: f64,
    /// The same where second words were shuffled.
    pub shuffled: f64,
    /// How well the cosine tells the two apart (area under the curve).
    pub auc: f64,
    /// Offsets compared.
    pub compared: usize,
}

/// Measures all sections; `None` where no two pairs of a section are known.
#[must_use]
pub fn geometry(space: &WordSpace<'_>, set: &Questions, seed: u64) -> Option<Geometry> {
    let (mut truth, mut control) = (Vec::new(), Vec::new());
    for (name, questions) in &set.sections {
        let mut pairs = BTreeSet::new();
        for q in questions {
            for (a, b) in [(&q[0], &q[1]), (&q[2], &q[3])] {
                if let (Some(a), Some(b)) = (row(space, a), row(space, b)) {
                    pairs.insert((a, b));
                }
            }
        }
        let pairs: Vec<(u32, u32)> = pairs.into_iter().take(MOST).collect();
        let mut seconds: Vec<u32> = pairs.iter().map(|p| p.1).collect();
        seconds.shuffle(&mut rng::stream(seed, name));
        let shuffled: Vec<(u32, u32)> =
            pairs.iter().zip(&seconds).filter(|(p, s)| p.1 != **s).map(|(p, s)| (p.0, *s)).collect();
        cosines(space, &pairs, &mut truth);
        cosines(space, &shuffled, &mut control);
    }
    if truth.is_empty() || control.is_empty() {
        return None;
    }
    let mean = |v: &[f64]| v.iter().sum::<f64>() / v.len() as f64;
    let marks: Vec<bool> = truth.iter().map(|_| true).chain(control.iter().map(|_| false)).collect();
    let all: Vec<f64> = truth.iter().chain(&control).copied().collect();
    Some(Geometry {
        parallel: mean(&truth),
        shuffled: mean(&control),
        auc: stats::roc_auc(&marks, &all)?,
        compared: truth.len(),
    })
}

fn row(space: &WordSpace<'_>, word: &str) -> Option<u32> {
    match space.id(word)? {
        Origin::Row(id) | Origin::OtherCase(id) => Some(id),
        _ => None,
    }
}

fn cosines(space: &WordSpace<'_>, pairs: &[(u32, u32)], out: &mut Vec<f64>) {
    let offset = |(a, b): &(u32, u32)| -> Vec<f32> {
        let (a, b) = (space.rows().row(*a as usize), space.rows().row(*b as usize));
        a.iter().zip(b).map(|(x, y)| y - x).collect()
    };
    let offsets: Vec<Vec<f32>> = pairs.iter().map(offset).collect();
    for i in 0..offsets.len() {
        for j in i + 1..offsets.len() {
            // Pairs that share a word are parallel for that reason alone.
            let ((a, b), (c, d)) = (pairs[i], pairs[j]);
            if a != c && b != d && a != d && b != c {
                out.push(f64::from(simd::cosine(&offsets[i], &offsets[j])));
            }
        }
    }
}
