//! Claim 045: what things look like is harder to read off word vectors than what they are and are for.

use rand::RngExt;
use vectory_core::registry::{Claim, ClaimContext, ClaimError, Method, Outcome};
use vectory_core::rng;
use vectory_io::vectors;
use vectory_learn::vocabulary::Vocabulary;
use vectory_learn::words::WordSpace;

use super::probe::median;
use super::{Features, Norms, ProbeParams, features};

pub(crate) const FEATURE_NORMS: Method = Method {
    id: "045",
    name: "Feature-norm probe (McRae / CSLB feature fit)",
    home: "evaluate",
    kind: "benchmark",
    command: "vectory evaluate features MODEL",
    claim: Some(Claim {
        statement: "Median F1 of taxonomic, encyclopaedic and functional features exceeds that of visual and other perceptual ones; other word \
                    vectors differ less than the classes do",
        threshold: ">= 0.10 between the two groups of classes; |GloVe - other vectors| smaller than that",
        data: "built-in norms (written for this project: the published sets may not be passed on); words/vectors/glove-wink-100d-top10k.txt.zst",
        run,
    }),
};

fn run(c: &ClaimContext) -> Result<Outcome, ClaimError> {
    let set =
        vectors::read_all(&c.data("words/vectors/glove-wink-100d-top10k.txt.zst")?).map_err(ClaimError::failed)?;
    let names = set.names.unwrap_or_default();
    let vocabulary = Vocabulary::new(names.iter().map(|n| (n.as_str(), 0)));
    let norms = Norms::built_in().map_err(ClaimError::failed)?;
    let probe = |rows| {
        let space = WordSpace::new(vocabulary.clone(), rows, None);
        features(&space, &norms, &ProbeParams::default(), &c.context).map_err(ClaimError::failed)
    };
    let glove = probe(set.rows.clone())?;
    // Half of the dimensions stand for other vectors of the same words; random ones are the control.
    let mut half = vectory_core::Vectors::zeros(set.rows.rows(), set.rows.dim() / 2);
    (0..half.rows()).for_each(|i| {
        let dim = half.dim();
        half.row_mut(i).copy_from_slice(&set.rows.row(i)[..dim]);
    });
    let other = probe(half)?;
    let mut random = set.rows.clone();
    let mut r = rng::stream(c.context.seed, "claim.045");
    random.as_mut_slice().iter_mut().for_each(|v| *v = r.random_range(-1.0..1.0));
    let control = probe(random)?;
    let gap = |f: &Features| group(f, false) - group(f, true);
    let all = |f: &Features| median(&f.features.iter().map(|x| x.f1).collect::<Vec<_>>());
    let (difference, between) = (gap(&glove), (all(&glove) - all(&other)).abs());
    let classes: Vec<String> = glove
        .classes
        .iter()
        .map(|k| format!("{} {:.2} ({:.2} to {:.2})", k.class, k.median, k.interval.0, k.interval.1))
        .collect();
    Ok(Outcome {
        measured: format!(
            "difference {difference:.3}; median F1: {}; GloVe {:.2}, half its dimensions {:.2}, random {:.2}",
            classes.join(", "),
            all(&glove),
            all(&other),
            all(&control)
        ),
        holds: difference >= 0.10 && between < difference,
        note: format!(
            "{} features of {} concepts ({} unknown); norms of one author, few features: intervals are wide; word2vec is not at hand, half of \
             GloVe's dimensions stand in for it",
            glove.features.len(),
            glove.concepts,
            glove.unknown
        ),
    })
}

/// The median F1 of perceptual features, or of the others.
fn group(f: &Features, perceptual: bool) -> f64 {
    let of = f.features.iter().filter(|x| matches!(x.class.as_str(), "visual" | "perceptual") == perceptual);
    median(&of.map(|x| x.f1).collect::<Vec<_>>())
}
