//! Claim 010: a lexicon makes vectors better at similarity and no worse at relatedness.

use std::collections::HashSet;

use rand::RngExt;
use vectory_core::registry::{Claim, ClaimContext, ClaimError, Method, Outcome};
use vectory_core::{Vectors, rng, simd};
use vectory_io::vectors;
use vectory_learn::refine::{Lexicon, RetrofitParams, retrofit};
use vectory_learn::vocabulary::Vocabulary;
use vectory_learn::words::WordSpace;

use super::{Sets, space, unmet};
use crate::words::Pairs;

pub(crate) const RETROFITTING: Method = Method {
    id: "010",
    name: "Retrofitting (Faruqui)",
    home: "words",
    kind: "method",
    command: "vectory learn retrofit MODEL --lexicon FILE -o M.safetensors",
    claim: Some(Claim {
        statement: "Retrofitting GloVe to WordNet's synonyms and hypernyms raises SimLex-999, does not harm MEN and WordSim-353, and raises the \
                    choice of synonyms",
        threshold: "SimLex-999 at least +2 points of Spearman × 100; MEN and WordSim-353 not more than 1 lower; synonym choice rises",
        data: "words/vectors/glove-wink-100d-top10k.txt.zst; words/lexicons/wordnet31-synonyms+hyper+hypo.txt.zst",
        run,
    }),
};

fn run(c: &ClaimContext) -> Result<Outcome, ClaimError> {
    let set =
        vectors::read_all(&c.data("words/vectors/glove-wink-100d-top10k.txt.zst")?).map_err(ClaimError::failed)?;
    let names = set.names.unwrap_or_default();
    let vocabulary = Vocabulary::new(names.iter().map(|n| (n.as_str(), 0)));
    let lexicons = c.data("words/lexicons")?;
    let all = Lexicon::read(&lexicons.join("wordnet31-synonyms+hyper+hypo.txt.zst"), &vocabulary)
        .map_err(ClaimError::failed)?;
    let synonyms =
        Lexicon::read(&lexicons.join("wordnet31-synonyms.txt.zst"), &vocabulary).map_err(ClaimError::failed)?;
    let sets = Sets::open(c)?;
    // Test pairs are WordNet's own synonyms: the lexicon without them shows what is not mere lookup.
    let pairs = Pairs::read(&c.data("words/similarity/EN-SIMLEX-999.txt")?).map_err(ClaimError::failed)?;
    let id = |w: &str| vocabulary.id(&w.to_lowercase());
    let tested: Vec<(u32, u32)> = pairs.pairs.iter().filter_map(|(a, b, _)| Some((id(a)?, id(b)?))).collect();
    let fit = |l: &Lexicon| {
        retrofit(&set.rows, l, &RetrofitParams::default(), &c.context).map(|r| r.rows).map_err(ClaimError::failed)
    };
    let versions =
        [set.rows.clone(), fit(&all)?, fit(&all.clone().without(tested))?].map(|rows| space(&vocabulary, rows));
    let mut scores = Vec::new();
    for s in &versions {
        let of = ["EN-SIMLEX-999", "EN-MEN-TR-3k", "EN-WS-353-ALL"].map(|set| sets.spearman(s, set).map(|v| v.0));
        let [simlex, men, wordsim] = of;
        scores.push([simlex?, men?, wordsim?, choice(s, &synonyms, c.context.seed)]);
    }
    let [before, after, held_out] = [scores[0], scores[1], scores[2]];
    let (holds, missed) = unmet(&[
        ("SimLex-999", after[0] - before[0] >= 0.02),
        ("MEN", before[1] - after[1] <= 0.01),
        ("WordSim-353", before[2] - after[2] <= 0.01),
        ("synonym choice", after[3] > before[3]),
    ]);
    Ok(Outcome {
        measured: format!(
            "before / after / after without the edges of SimLex's pairs: SimLex-999 {:.3} / {:.3} / {:.3}, MEN {:.3} / {:.3} / {:.3}, WordSim-353 \
             {:.3} / {:.3} / {:.3}, synonym choice {:.1} / {:.1} / {:.1} %",
            before[0],
            after[0],
            held_out[0],
            before[1],
            after[1],
            held_out[1],
            before[2],
            after[2],
            held_out[2],
            100.0 * before[3],
            100.0 * after[3],
            100.0 * held_out[3]
        ),
        holds,
        note: format!(
            "{missed}{} words have neighbours, {} edges ({} of SimLex's pairs among the 10,000 words); the choice is a synonym of WordNet among \
             four words, the other three at random",
            all.words(),
            all.edges(),
            versions[0].vocabulary().len().min(pairs.pairs.len())
        ),
    })
}

/// A question a word: its first synonym among three random words; the share that the largest cosine answers.
fn choice(s: &WordSpace<'_>, synonyms: &Lexicon, seed: u64) -> f64 {
    let (mut right, mut asked, n) = (0, 0, s.rows().rows() as u32);
    let rows: &Vectors = s.rows();
    for (word, list) in synonyms.neighbours.iter().enumerate() {
        let Some(truth) = list.first() else { continue };
        let (mut r, own) = (rng::item(seed, "claim.010", word as u64), list.iter().copied().collect::<HashSet<u32>>());
        let others =
            std::iter::repeat_with(|| r.random_range(0..n)).filter(|o| !own.contains(o) && *o as usize != word);
        let best = others.take(3).map(|o| simd::dot(rows.row(word), rows.row(o as usize))).fold(f32::MIN, f32::max);
        right += usize::from(simd::dot(rows.row(word), rows.row(*truth as usize)) > best);
        asked += 1;
    }
    right as f64 / f64::max(f64::from(asked), 1.0)
}
