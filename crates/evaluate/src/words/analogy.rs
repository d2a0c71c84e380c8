//! `a : b = c : ?`

use std::collections::HashMap;
use std::path::Path;

use rayon::prelude::*;
use serde::Serialize;
use vectory_core::simd::{GemmNt, gemm_nt};
use vectory_core::{Context, Vectors, rng, stats};
use vectory_io::stream::{self, Lines};
use vectory_learn::words::{Analogy, Origin, WordSpace};

use super::WordTaskError;

/// Longest line of a set.
const LINE: usize = 1 << 16;

/// Questions in sections.
#[derive(Clone, Debug, PartialEq)]
pub struct Questions {
    /// Name, and four words a question.
    pub sections: Vec<(String, Vec<[String; 4]>)>,
    /// Lines that have not four words.
    pub skipped: usize,
}

impl Questions {
    /// Reads the form of word2vec's `questions-words.txt`: `: section`, then four words a line.
    ///
    /// # Errors
    /// [`WordTaskError`]: not readable, or no question in it.
    pub fn read(path: &Path) -> Result<Self, WordTaskError> {
        let (mut lines, mut out) = (Lines::new(stream::open(path, None)?, LINE), Self { sections: vec![], skipped: 0 });
        while let Some(line) = lines.next_line()? {
            let text = String::from_utf8_lossy(line);
            if let Some(name) = text.strip_prefix(':') {
                out.sections.push((name.trim().to_owned(), vec![]));
                continue;
            }
            let words: Vec<&str> = text.split_whitespace().collect();
            match <[&str; 4]>::try_from(words) {
                Ok(four) => {
                    if out.sections.is_empty() {
                        out.sections.push(("questions".into(), vec![]));
                    }
                    let last = out.sections.len() - 1;
                    out.sections[last].1.push(four.map(str::to_owned));
                }
                Err(words) if words.is_empty() => {}
                Err(_) => out.skipped += 1,
            }
        }
        if out.sections.iter().all(|s| s.1.is_empty()) {
            let why = "no line has four words";
            return Err(WordTaskError::Empty { path: path.display().to_string(), why });
        }
        Ok(out)
    }
}

/// A section, or all of them.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Section {
    /// Its name.
    pub name: String,
    /// Questions in the set.
    pub questions: usize,
    /// Questions whose four words are known.
    pub asked: usize,
    /// Answered exactly, by 3CosAdd.
    pub add: usize,
    /// Answered exactly, by 3CosMul.
    pub mul: usize,
    /// 95 % bootstrap interval of the share by 3CosAdd, over the questions asked.
    pub interval: (f64, f64),
}

impl Section {
    /// The share of what was asked that was right, by 3CosAdd.
    #[must_use]
    pub fn share(&self) -> f64 {
        self.add as f64 / self.asked.max(1) as f64
    }

    /// The same by 3CosMul.
    #[must_use]
    pub fn share_mul(&self) -> f64 {
        self.mul as f64 / self.asked.max(1) as f64
    }
}

/// A whole set.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Analogies {
    /// Section by section.
    pub sections: Vec<Section>,
    /// Sections whose names begin with `gram`.
    pub syntactic: Section,
    /// The others.
    pub semantic: Section,
    /// All.
    pub all: Section,
    /// How many words could be an answer.
    pub candidates: usize,
}

/// Answers all questions; the answer is sought among the first `restrict` words, the three of the question left out. A word of a question
/// that lies beyond them is unknown.
///
/// O(distinct words · restrict · d + questions · restrict).
///
/// # Errors
/// When interrupted.
pub fn analogies(
    space: &WordSpace<'_>,
    set: &Questions,
    restrict: usize,
    ctx: &Context,
) -> Result<Analogies, WordTaskError> {
    let n = restrict.min(space.vocabulary().len());
    let asked = |q: &[String; 4]| -> Option<[u32; 4]> {
        let id = |w: &String| match space.id(w) {
            Some(Origin::Row(id) | Origin::OtherCase(id)) if (id as usize) < n => Some(id),
            _ => None,
        };
        Some([id(&q[0])?, id(&q[1])?, id(&q[2])?, id(&q[3])?])
    };
    let (mut sections, mut marks) = (Vec::new(), Vec::new());
    ctx.progress().begin("analogies", Some(set.sections.len() as u64), "sections");
    for (name, questions) in &set.sections {
        ctx.check()?;
        let known: Vec<[u32; 4]> = questions.iter().filter_map(asked).collect();
        let right = answer(space, &known, n, ctx);
        sections.push(section(name, questions.len(), &right, ctx.seed));
        marks.push((name.starts_with("gram"), questions.len(), right));
        ctx.progress().advance(1);
    }
    ctx.progress().end();
    let join = |name: &str, take: &dyn Fn(bool) -> bool| {
        let of = || marks.iter().filter(|m| take(m.0));
        let right: Vec<[bool; 2]> = of().flat_map(|m| m.2.iter().copied()).collect();
        section(name, of().map(|m| m.1).sum(), &right, ctx.seed)
    };
    Ok(Analogies {
        syntactic: join("syntactic", &|s| s),
        semantic: join("semantic", &|s| !s),
        all: join("all", &|_| true),
        sections,
        candidates: n,
    })
}

fn section(name: &str, questions: usize, right: &[[bool; 2]], seed: u64) -> Section {
    let marks: Vec<f64> = right.iter().map(|r| f64::from(u8::from(r[0]))).collect();
    let share = |v: &[f64]| v.iter().sum::<f64>() / v.len().max(1) as f64;
    let count = |how: usize| right.iter().filter(|r| r[how]).count();
    Section {
        name: name.to_owned(),
        questions,
        asked: right.len(),
        add: count(0),
        mul: count(1),
        interval: stats::bootstrap(&marks, 300, &mut rng::stream(seed, "evaluate.analogies"), share),
    }
}

/// For each question, whether it is answered by 3CosAdd and by 3CosMul.
fn answer(space: &WordSpace<'_>, questions: &[[u32; 4]], n: usize, ctx: &Context) -> Vec<[bool; 2]> {
    let mut places: HashMap<u32, usize> = HashMap::new();
    let mut words = Vec::new();
    for id in questions.iter().flat_map(|q| &q[..3]) {
        places.entry(*id).or_insert_with(|| {
            words.push(*id);
            words.len() - 1
        });
    }
    let (dim, rows) = (space.rows().dim(), space.rows());
    let base = &rows.as_slice()[..n * dim];
    // The cosines of every word that is asked about with every candidate.
    let mut cosines = Vectors::zeros(words.len(), n);
    ctx.pool().install(|| {
        cosines.as_mut_slice().par_chunks_mut(n.max(1) * 16).zip(words.par_chunks(16)).for_each(|(out, ids)| {
            let a: Vec<f32> = ids.iter().flat_map(|id| rows.row(*id as usize)).copied().collect();
            gemm_nt(GemmNt { a: &a, b: base, c: out, m: ids.len(), n, k: dim });
        });
        questions
            .par_iter()
            .map(|q| {
                let [a, b, c] = [q[0], q[1], q[2]].map(|id| cosines.row(places[&id]));
                [Analogy::Add, Analogy::Mul].map(|how| {
                    let mut best = (f32::NEG_INFINITY, u32::MAX);
                    for i in 0..n {
                        let score = how.score(a[i], b[i], c[i]);
                        if score > best.0 && !q[..3].contains(&(i as u32)) {
                            best = (score, i as u32);
                        }
                    }
                    best.1 == q[3]
                })
            })
            .collect()
    })
}
