//! Claim 120: MAUVE* ranks generators of text as people do.

use vectory_core::registry::{Claim, ClaimContext, ClaimError, Method, Outcome};
use vectory_core::stats::spearman;
use vectory_core::{Context, Encode, Vectors, rng};
use vectory_io::stream;

use super::ngram::NGram;
use super::{Divergence, MauveParams, mauve, mauve_knn};
use crate::beir::encode_all;

pub(crate) const MAUVE: Method = Method {
    id: "120",
    name: "MAUVE scores (family)",
    home: "evaluate",
    kind: "method",
    command: "vectory compare A.npy B.npy --mauve",
    claim: Some(Claim {
        statement: "Against human passages, MAUVE* of text by word n-gram models rises with their order 1 to 5, human text is near itself \
                    and unigram text far, drawn text beats greedy text, and frontier integral and the estimate by neighbours agree",
        threshold: "Spearman 1 over >= 5 orders; human against human >= 0.95; unigram < 0.2; ancestral above greedy; frontier integral \
                    and neighbours give the same order",
        data: "words/corpus/wiki-en.txt.zst (passages of 40 words; 2,000 a set; the shipped encoder)",
        run,
    }),
};

const LENGTH: usize = 40;
const PASSAGES: usize = 2000;
/// Passages that the models learn from: not those that they are compared with.
const LEARN: usize = 40_000;

fn run(c: &ClaimContext) -> Result<Outcome, ClaimError> {
    let path = c.data("words/corpus/wiki-en.txt.zst")?;
    let encoder = c.encoder.as_deref().ok_or_else(|| ClaimError::failed("needs a sentence encoder"))?;
    let text = text(&path)?;
    let words: Vec<&str> = text.split_whitespace().collect();
    let passages: Vec<Vec<&str>> = words.chunks_exact(LENGTH).map(<[&str]>::to_vec).collect();
    if passages.len() < LEARN + 2 * PASSAGES {
        return Err(ClaimError::failed("the corpus is too short"));
    }
    // Every other topic goes to each side: passages are shuffled, since the corpus is in the order of its articles.
    let mut order: Vec<usize> = (0..passages.len()).collect();
    order.sort_by_key(|i| rng::mix(c.context.seed ^ rng::mix(*i as u64)));
    let pick = |from: usize, n: usize| order[from..from + n].iter().map(|i| passages[*i].clone()).collect::<Vec<_>>();
    let human = |from| pick(from, PASSAGES).iter().map(|p| p.join(" ")).collect::<Vec<String>>();
    let learn = pick(2 * PASSAGES, LEARN);
    let study = Study { encoder, ctx: &c.context, human: encode(&human(0), encoder, &c.context)? };
    let own = study.scores(&human(PASSAGES))?;
    let mut orders = Vec::new();
    for order in 1..=5 {
        orders.push(study.scores(&written(&NGram::new(order, &learn), false, c.context.seed))?);
    }
    let greedy = study.scores(&written(&NGram::new(3, &learn), true, c.context.seed))?;
    Ok(outcome(&own, &orders, &greedy))
}

fn outcome(own: &[Divergence; 2], orders: &[[Divergence; 2]], greedy: &[Divergence; 2]) -> Outcome {
    let ranks: Vec<f64> = (1..=orders.len()).map(|o| o as f64).collect();
    let rank = |f: &dyn Fn(&[Divergence; 2]) -> f64| {
        spearman(&ranks, &orders.iter().map(f).collect::<Vec<_>>()).unwrap_or(0.0)
    };
    let (star, frontier, knn) = (rank(&|d| d[0].mauve_star), -rank(&|d| d[0].frontier), rank(&|d| d[1].mauve));
    let stars: Vec<String> = orders.iter().map(|d| format!("{:.3}", d[0].mauve_star)).collect();
    let (human, unigram, drawn) = (own[0].mauve_star, orders[0][0].mauve_star, orders[2][0].mauve_star);
    let clauses = [
        ("order", star > 0.999),
        ("human near itself", human >= 0.95),
        ("unigram far", unigram < 0.2),
        ("drawn above greedy", drawn > greedy[0].mauve_star),
        ("frontier and neighbours agree", frontier > 0.999 && knn > 0.999),
    ];
    let failed: Vec<&str> = clauses.iter().filter(|c| !c.1).map(|c| c.0).collect();
    Outcome {
        measured: format!(
            "MAUVE* by order 1 to 5: {}; human {human:.3}; greedy trigrams {:.3}; Spearman of MAUVE* {star:.2}, of the frontier integral {frontier:.2}, by neighbours {knn:.2}",
            stars.join(", "),
            greedy[0].mauve_star
        ),
        holds: failed.is_empty(),
        note: if failed.is_empty() {
            String::new()
        } else {
            format!(
                "does not hold: {}; the shipped encoder averages token vectors, so it sees which words a passage has, hardly their order",
                failed.join(", ")
            )
        },
    }
}

struct Study<'a> {
    encoder: &'a dyn Encode,
    ctx: &'a Context,
    human: Vectors,
}

impl Study<'_> {
    /// By quantisation and by neighbours.
    fn scores(&self, texts: &[String]) -> Result<[Divergence; 2], ClaimError> {
        let rows = encode(texts, self.encoder, self.ctx)?;
        let params = MauveParams { restarts: 2, ..MauveParams::default() };
        let quantized = mauve(self.human.view(), rows.view(), &params, self.ctx).map_err(ClaimError::failed)?;
        let knn = mauve_knn(self.human.view(), rows.view(), &params, self.ctx).map_err(ClaimError::failed)?;
        Ok([quantized, knn])
    }
}

fn encode(texts: &[String], encoder: &dyn Encode, ctx: &Context) -> Result<Vectors, ClaimError> {
    encode_all(texts, encoder, ctx).map_err(ClaimError::failed)
}

fn written(model: &NGram<'_>, greedy: bool, seed: u64) -> Vec<String> {
    (0..PASSAGES as u64).map(|i| model.write(LENGTH, greedy, &mut rng::item(seed, "n-gram text", i))).collect()
}

/// The corpus without its titles.
fn text(path: &std::path::Path) -> Result<String, ClaimError> {
    let input = stream::open(path, None).map_err(ClaimError::failed)?;
    let mut lines = stream::Lines::new(input, 1 << 24);
    let mut out = String::new();
    while let Some(line) = lines.next_line().map_err(ClaimError::failed)? {
        let line = String::from_utf8_lossy(line);
        if !line.starts_with('=') {
            out.push_str(&line);
            out.push(' ');
        }
    }
    Ok(out)
}
