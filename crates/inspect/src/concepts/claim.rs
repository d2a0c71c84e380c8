//! Claim 056: pairs of one relation share a direction, and unrelated relations are nearer to orthogonal causally.

use rand::RngExt;
use vectory_core::registry::{Claim, ClaimContext, ClaimError, Method, Outcome};
use vectory_core::{VectorsRef, rng};
use vectory_transform::claim_data::{Words, glove, lines};

use super::{CausalSpace, Concept, dot, similarity};

pub(crate) const CAUSAL: Method = Method {
    id: "056",
    name: "Linear representation hypothesis / causal inner product",
    home: "inspect",
    kind: "method",
    command: "vectory reproduce 056",
    claim: Some(Claim {
        statement: "Left-out pairs of a relation agree with the direction of the others far better than random pairs, and different relations are \
                    less alike under the causal inner product than under the Euclidean one",
        threshold: "left-out products above the random pairs' 95th percentile for >= 18 of 22 relations (here: the same share, 12 of 14); mean absolute \
                    similarity between relations lower causally",
        data: "ann/glove100-50k, words/analogy/questions-words.txt",
        run,
    }),
};

/// Random pairs of words.
const RANDOM: usize = 20_000;

fn run(c: &ClaimContext) -> Result<Outcome, ClaimError> {
    let fail = ClaimError::failed;
    let words = glove(c)?;
    let rows = &words.rows;
    let relations = relations(c, &words)?;
    let spaces = [CausalSpace::causal(rows.view(), &c.context).map_err(fail)?, CausalSpace::euclidean(rows.dim())];
    let mut alike = Vec::new();
    let mut above = 0;
    for (s, space) in spaces.iter().enumerate() {
        let concepts: Vec<Concept> = relations.iter().filter_map(|r| space.concept(rows.view(), &r.1)).collect();
        let (mut sum, mut pairs) = (0.0, 0.0f64);
        for (i, a) in concepts.iter().enumerate() {
            concepts[i + 1..].iter().for_each(|b| {
                sum += similarity(a, b);
                pairs += 1.0;
            });
        }
        alike.push(sum / pairs.max(1.0));
        if s == 0 {
            above = concepts.iter().filter(|k| stands_out(k, space, rows.view(), c.context.seed)).count();
        }
    }
    Ok(Outcome {
        measured: format!(
            "{above} of {} relations above the random pairs' 95th percentile (mean left-out product); mean |similarity| between relations {:.3} causal, \
             {:.3} Euclidean",
            relations.len(),
            alike[0],
            alike[1]
        ),
        holds: above * 22 >= 18 * relations.len() && alike[0] < alike[1],
        note: "Google's analogy relations stand for BATS, and GloVe vectors for an output table; steering needs a language model and is not run".into(),
    })
}

/// Whether the mean left-out product is above the 95th percentile of random pairs' products with the direction.
fn stands_out(concept: &Concept, space: &CausalSpace, rows: VectorsRef<'_>, seed: u64) -> bool {
    let mut r = rng::stream(seed, "claim.056");
    let mut random: Vec<f64> = (0..RANDOM)
        .map(|_| {
            let (a, b) = (r.random_range(0..rows.rows()), r.random_range(0..rows.rows()));
            dot(&concept.direction, &space.difference(rows.row(a), rows.row(b)))
        })
        .collect();
    random.sort_by(f64::total_cmp);
    let mean = concept.left_out.iter().sum::<f64>() / concept.left_out.len() as f64;
    mean > random[RANDOM * 95 / 100]
}

/// Different known pairs of each section, at least two.
fn relations(c: &ClaimContext, known: &Words) -> Result<Vec<(String, Vec<(usize, usize)>)>, ClaimError> {
    let mut out: Vec<(String, Vec<(usize, usize)>)> = Vec::new();
    for line in lines(&c.data("words/analogy/questions-words.txt")?)? {
        if let Some(name) = line.strip_prefix(": ") {
            out.push((name.to_owned(), Vec::new()));
            continue;
        }
        let words: Vec<String> = line.split_whitespace().map(str::to_lowercase).collect();
        let Some((_, pairs)) = out.last_mut() else { continue };
        for pair in words.chunks_exact(2) {
            if let (Some(a), Some(b)) = (known.get(&pair[0]), known.get(&pair[1]))
                && !pairs.contains(&(a, b))
            {
                pairs.push((a, b));
            }
        }
    }
    out.retain(|r| r.1.len() >= 2);
    Ok(out)
}
