//! Latent Dirichlet allocation (Blei, Ng and Jordan 2003) by collapsed Gibbs sampling (Griffiths and Steyvers 2004): the
//! baseline that topics are compared with.

use std::collections::HashMap;

use rand::RngExt;
use vectory_core::{Cancelled, Context, rng};

use super::vocabulary::words_of;

/// Topics as distributions over words.
#[derive(Clone, Debug)]
pub struct Lda {
    /// The most frequent words of each topic, best first.
    pub words: Vec<Vec<String>>,
    /// The most frequent topic of each text.
    pub of: Vec<u32>,
}

/// `topics` topics over the words of `vocabulary`, after `rounds` over all words, on one thread; symmetric priors 0.1 and
/// 0.01.
///
/// # Errors
/// [`Cancelled`].
pub fn lda(
    texts: &[&str],
    vocabulary: &[String],
    (topics, rounds): (usize, usize),
    ctx: &Context,
) -> Result<Lda, Cancelled> {
    let place: HashMap<&str, u32> = (0u32..).zip(vocabulary).map(|(i, w)| (w.as_str(), i)).collect();
    let docs: Vec<Vec<u32>> =
        texts.iter().map(|t| words_of(t).iter().filter_map(|w| place.get(w.as_str()).copied()).collect()).collect();
    let (alpha, beta, v) = (0.1, 0.01, vocabulary.len());
    let mut r = rng::stream(ctx.seed, "lda");
    let mut of_word = vec![0.0f64; v * topics];
    let mut of_topic = vec![0.0f64; topics];
    let mut of_doc = vec![vec![0.0f64; topics]; docs.len()];
    let mut state: Vec<Vec<u32>> =
        docs.iter().map(|d| d.iter().map(|_| r.random_range(0..topics as u32)).collect()).collect();
    for (d, words) in docs.iter().enumerate() {
        for (w, t) in words.iter().zip(&state[d]) {
            of_word[*w as usize * topics + *t as usize] += 1.0;
            of_topic[*t as usize] += 1.0;
            of_doc[d][*t as usize] += 1.0;
        }
    }
    let mut weights = vec![0.0; topics];
    for _ in 0..rounds {
        ctx.check()?;
        for (d, words) in docs.iter().enumerate() {
            for (w, t) in words.iter().zip(&mut state[d]) {
                let row = &mut of_word[*w as usize * topics..][..topics];
                let old = *t as usize;
                row[old] -= 1.0;
                of_topic[old] -= 1.0;
                of_doc[d][old] -= 1.0;
                let mut sum = 0.0;
                for k in 0..topics {
                    sum += (row[k] + beta) / (of_topic[k] + beta * v as f64) * (of_doc[d][k] + alpha);
                    weights[k] = sum;
                }
                let draw = r.random_range(0.0..sum);
                let new = weights.partition_point(|s| *s <= draw).min(topics - 1);
                row[new] += 1.0;
                of_topic[new] += 1.0;
                of_doc[d][new] += 1.0;
                *t = new as u32;
            }
        }
    }
    let words = (0..topics).map(|k| {
        let mut order: Vec<usize> = (0..v).collect();
        order.sort_by(|a, b| of_word[b * topics + k].total_cmp(&of_word[a * topics + k]).then(a.cmp(b)));
        order.into_iter().take(100).map(|w| vocabulary[w].clone()).collect()
    });
    let most = |c: &Vec<f64>| (0..topics).max_by(|a, b| c[*a].total_cmp(&c[*b]).then(b.cmp(a))).unwrap_or(0) as u32;
    Ok(Lda { words: words.collect(), of: of_doc.iter().map(most).collect() })
}
