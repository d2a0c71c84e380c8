//! Claim 149.

use rand::seq::index::sample;
use vectory_core::registry::{Claim, ClaimContext, ClaimError, Method, Outcome};
use vectory_core::{Vectors, rng};
use vectory_learn::checkpoint::Checkpoint;
use vectory_learn::documents::lda2vec::{self, Lda2Vec, Lda2VecParams};
use vectory_learn::topics::npmi;
use vectory_learn::vocabulary::{Corpus, Tokenizer};
use vectory_learn::word2vec::WordParams;

use super::documents::{GROUPS, corpus, groups};
use crate::protocols::of_groups;

const TOPICS: usize = 20;

pub(crate) const LDA2VEC: Method = Method {
    id: "149",
    name: "lda2vec",
    home: "documents",
    kind: "method",
    command: "vectory learn lda2vec --topics 20 TEXT -o M.safetensors",
    claim: Some(Claim {
        statement: "A sparse prior makes a document's largest topic most of it, a flat prior does not; topics are coherent and follow the newsgroups",
        threshold: "K = 20: mean largest share from about 1/K to > 0.5 for alpha < 1, flat for alpha >= 1; NPMI above that of random words; NMI of \
                    the largest topic with the newsgroup >= 0.25",
        data: GROUPS,
        run,
    }),
};

fn run(c: &ClaimContext) -> Result<Outcome, ClaimError> {
    let news = groups(c)?;
    let texts: Vec<&str> = news.texts.iter().map(String::as_str).collect();
    let text = corpus(&texts, 5)?;
    let sparse = learn(&text, 0.0, c)?;
    let (mixtures, flat) = (sparse.mixtures(), learn(&text, 1.0, c)?.mixtures());
    let (mass, even) = (largest(&mixtures), largest(&flat));
    let found: Vec<u32> = mixtures.iter().map(|m| place(m) as u32).collect();
    let nmi = of_groups(&news.labels, &found).nmi;
    let topics = sparse.topics(10);
    let coherence = topics.iter().map(|t| t.coherence).sum::<f64>() / topics.len() as f64;
    let random = random(&text, &texts, c);
    let clauses = [
        ("largest share", mass > 0.5),
        ("flat for alpha 1", even < 2.0 / TOPICS as f64),
        ("NPMI", coherence > random),
        ("NMI", nmi >= 0.25),
    ];
    let unmet: Vec<&str> = clauses.iter().filter(|c| !c.1).map(|c| c.0).collect();
    let missing = if unmet.is_empty() { String::new() } else { format!("not met: {}; ", unmet.join(", ")) };
    let some = topics.iter().take(3).map(|t| t.words[..5].join(" ")).collect::<Vec<_>>().join("; ");
    Ok(Outcome {
        measured: format!(
            "{} texts, {} words: mean largest share {mass:.3} (alpha 1/K), {even:.3} (alpha 1); NPMI {coherence:.3}, random words {random:.3}; NMI {nmi:.3}; \
             topics: {some}",
            texts.len(),
            text.vocabulary.len()
        ),
        holds: unmet.is_empty(),
        note: format!(
            "{missing}2,000 messages without headers and quotes instead of 11,000; flat is taken as below 2/K"
        ),
    })
}

fn learn(text: &Corpus, alpha: f32, c: &ClaimContext) -> Result<Lda2Vec, ClaimError> {
    let defaults = Lda2VecParams::default();
    let training = WordParams { deterministic: true, ..defaults.training.clone() };
    let p = Lda2VecParams { topics: TOPICS, alpha, training, ..defaults };
    lda2vec::train(text, Tokenizer::default(), &p, &Checkpoint::none(), &c.context)
        .map(|m| m.0)
        .map_err(ClaimError::failed)
}

fn place(mixture: &[f32]) -> usize {
    (0..mixture.len()).max_by(|a, b| mixture[*a].total_cmp(&mixture[*b]).then(b.cmp(a))).unwrap_or(0)
}

fn largest(mixtures: &Vectors) -> f64 {
    mixtures.iter().map(|m| f64::from(m[place(m)])).sum::<f64>() / mixtures.rows().max(1) as f64
}

/// Mean NPMI of as many sets of ten words drawn at random.
fn random(text: &Corpus, texts: &[&str], c: &ClaimContext) -> f64 {
    let v = &text.vocabulary;
    let mut r = rng::stream(c.context.seed, "random words");
    let sets: Vec<Vec<u32>> =
        (0..TOPICS).map(|_| sample(&mut r, v.len(), 10.min(v.len())).iter().map(|i| i as u32).collect()).collect();
    let ids = |t: &&str| {
        let mut out = Vec::new();
        Tokenizer::default().words(t, &mut |w| out.extend(v.id(w)));
        out
    };
    npmi(&sets, &texts.iter().map(ids).collect::<Vec<_>>()).iter().sum::<f64>() / TOPICS as f64
}
