//! Claims 005, 009, 012 and 023.

use vectory_core::registry::{Claim, ClaimContext, ClaimError, Method, Outcome};
use vectory_learn::word2vec::phrases::{PhraseParams, Phrases};
use vectory_learn::word2vec::{Architecture, LossKind, WordParams};
use vectory_text::subwords::Subwords;

use super::score::{analogies, nearest, similarity};
use super::text::{WIKI, part_of_wiki, wiki, words};

const ANALOGIES: &str = "words/analogy/questions-words.txt";
const RARE_WORDS: &str = "words/similarity/EN-RW-STANFORD.txt";
/// The cards name text8; see [`super::text::WIKI`].
const SCALE: &str = "Wikipedia in place of text8: 8.3 million words (012; phrases of 005), 3.3 million elsewhere";

pub(crate) const WORD2VEC: Method = Method {
    id: "005",
    name: "word2vec SGNS (negative sampling, subsampling, phrases)",
    home: "words",
    kind: "method",
    command: "vectory learn sgns TEXT -o model.safetensors",
    claim: Some(Claim {
        statement: "Subsampling frequent words (t = 1e-4) makes training faster and analogies no worse; phrase detection ranks names among \
                    its best pairs",
        threshold: "200 d, window 5, k = 5, 5 epochs: >= 1.5 x tokens/s, accuracy (30k words, 3CosAdd) at least equal; `new york` and \
                    `united states` among the top 100 bigrams",
        data: WIKI,
        run: word2vec,
    }),
};

pub(crate) const FASTTEXT: Method = Method {
    id: "009",
    name: "fastText subword skip-gram",
    home: "words",
    kind: "method",
    command: "vectory learn fasttext TEXT -o model.safetensors",
    claim: Some(Claim {
        statement: "Character n-grams help rare and unknown words; a misspelled inflection has its correct spelling near",
        threshold: "RareWords Spearman: n-grams >= plain skip-gram + 3 points, unknown words counted (cosine 0 for the plain model); \
                    `intelligence` in the top 5 of `intelligance`",
        data: WIKI,
        run: fasttext,
    }),
};

pub(crate) const CBOW: Method = Method {
    id: "012",
    name: "word2vec CBOW and Skip-gram + Google analogy test",
    home: "words",
    kind: "method",
    command: "vectory learn cbow TEXT -o model.safetensors",
    claim: Some(Claim {
        statement: "Skip-gram beats CBOW on semantic analogies, CBOW is faster",
        threshold: "200 d, 5 epochs: semantic skip-gram > CBOW; CBOW >= 2 x tokens/s; total accuracy (30k words) >= 25 % for the better",
        data: WIKI,
        run: cbow,
    }),
};

pub(crate) const LANGUAGES: Method = Method {
    id: "023",
    name: "fastText 157 languages (CBOW with position weights)",
    home: "words",
    kind: "dataset",
    command: "vectory learn fasttext --cbow --position-weights --minn 5 --maxn 5 TEXT -o model.safetensors",
    claim: Some(Claim {
        statement: "Position weights raise the analogy accuracy of CBOW with 5-grams; more epochs and negatives help further",
        threshold: "equal settings: >= 1 point more with position weights; more again with more epochs and negatives",
        data: WIKI,
        run: languages,
    }),
};

fn base() -> WordParams {
    WordParams { dim: 200, window: 5, negative: 5, epochs: 5, ..WordParams::default() }
}

fn word2vec(c: &ClaimContext) -> Result<Outcome, ClaimError> {
    let (corpus, questions) = (part_of_wiki(c)?, c.data(ANALOGIES)?);
    let (with, fast) = words(&corpus, &base(), &c.context)?;
    let with = analogies(&with, &questions, &c.context)?;
    let (without, slow) = words(&corpus, &WordParams { sample: 0.0, ..base() }, &c.context)?;
    let without = analogies(&without, &questions, &c.context)?;
    let speed = fast.words_per_second / slow.words_per_second;
    let all = wiki(c, 1)?;
    let phrases = Phrases::find(&all, &PhraseParams::default(), &c.context).map_err(ClaimError::failed)?;
    let rank = |name: &str| phrases.found.iter().position(|p| p.text == name).map(|r| r + 1);
    let (york, states) = (rank("new_york"), rank("united_states"));
    let clauses = [
        ("speed", speed >= 1.5),
        ("accuracy", with.all.share() >= without.all.share()),
        ("phrases", york.is_some_and(|r| r <= 100) && states.is_some_and(|r| r <= 100)),
    ];
    let why = "the score divides by both counts, so the best pairs are rare names that occur together only; frequent names score lower, as in \
               the program";
    Ok(scaled(
        format!(
            "{speed:.2} x tokens/s; accuracy {:.4} with, {:.4} without subsampling ({} questions); rank of new_york {york:?}, united_states \
             {states:?} of {}",
            with.all.share(),
            without.all.share(),
            with.all.asked,
            phrases.found.len()
        ),
        &clauses,
        why,
    ))
}

fn fasttext(c: &ClaimContext) -> Result<Outcome, ClaimError> {
    let (corpus, judged) = (part_of_wiki(c)?, c.data(RARE_WORDS)?);
    let p = WordParams { dim: 100, ..base() };
    let grams = Some(Subwords { buckets: 200_000, ..Subwords::default() });
    let (plain, _) = words(&corpus, &p, &c.context)?;
    let (sub, _) = words(&corpus, &WordParams { subwords: grams, ..p }, &c.context)?;
    let ((a, unknown), (b, _)) = (similarity(&plain, &judged)?, similarity(&sub, &judged)?);
    let near = match sub.vector("intelligance") {
        Some(v) => nearest(&sub, &v, 5, &c.context),
        None => Vec::new(),
    };
    let clauses = [("RareWords", b >= a + 0.03), ("spelling", near.iter().any(|w| w == "intelligence"))];
    Ok(scaled(
        format!(
            "RareWords {b:.4} with n-grams, {a:.4} plain ({unknown} pairs with an unknown word); near `intelligance`: {}",
            near.join(", ")
        ),
        &clauses,
        "",
    ))
}

fn cbow(c: &ClaimContext) -> Result<Outcome, ClaimError> {
    let (corpus, questions) = (wiki(c, 5)?, c.data(ANALOGIES)?);
    let settings = |architecture| WordParams { architecture, loss: LossKind::Hierarchical, ..base() };
    let (sg, slow) = words(&corpus, &settings(Architecture::SkipGram), &c.context)?;
    let sg = analogies(&sg, &questions, &c.context)?;
    let (cb, fast) = words(&corpus, &settings(Architecture::Cbow), &c.context)?;
    let cb = analogies(&cb, &questions, &c.context)?;
    let speed = fast.words_per_second / slow.words_per_second;
    let clauses = [
        ("semantic", sg.semantic.share() > cb.semantic.share()),
        ("speed", speed >= 2.0),
        ("accuracy of 25 %", sg.all.share().max(cb.all.share()) >= 0.25),
    ];
    Ok(scaled(
        format!(
            "hierarchical softmax; semantic {:.4} skip-gram, {:.4} CBOW; syntactic {:.4}, {:.4}; total {:.4}, {:.4} of {} questions; CBOW {speed:.2} \
             x tokens/s",
            sg.semantic.share(),
            cb.semantic.share(),
            sg.syntactic.share(),
            cb.syntactic.share(),
            sg.all.share(),
            cb.all.share(),
            sg.all.asked
        ),
        &clauses,
        "the corpus has half the words that the card asks for",
    ))
}

fn languages(c: &ClaimContext) -> Result<Outcome, ClaimError> {
    let (corpus, questions) = (part_of_wiki(c)?, c.data(ANALOGIES)?);
    let plain = WordParams {
        architecture: Architecture::Cbow,
        dim: 100,
        subwords: Some(Subwords { min_n: 5, max_n: 5, buckets: 200_000 }),
        ..base()
    };
    let score = |p: &WordParams| {
        Ok::<f64, ClaimError>(analogies(&words(&corpus, p, &c.context)?.0, &questions, &c.context)?.all.share())
    };
    let without = score(&plain)?;
    let weighted = WordParams { position_weights: true, ..plain };
    let with = score(&weighted)?;
    let more = score(&WordParams { epochs: 10, negative: 10, ..weighted })?;
    let clauses = [("position weights", with >= without + 0.01), ("more epochs and negatives", more > with)];
    Ok(scaled(
        format!(
            "accuracy {without:.4} plain, {with:.4} with position weights, {more:.4} with 10 epochs and 10 negatives"
        ),
        &clauses,
        "",
    ))
}

/// As [`outcome`], with what stands in for the card's corpus.
fn scaled(measured: String, clauses: &[(&str, bool)], why: &str) -> Outcome {
    let found = outcome(measured, clauses, why);
    Outcome { note: format!("{}{SCALE}", found.note), ..found }
}

/// What was measured, and which clauses were not met.
pub(super) fn outcome(measured: String, clauses: &[(&str, bool)], why: &str) -> Outcome {
    let unmet: Vec<&str> = clauses.iter().filter(|c| !c.1).map(|c| c.0).collect();
    let note = if unmet.is_empty() { String::new() } else { format!("not met: {}; {why}; ", unmet.join(", ")) };
    Outcome { measured, holds: unmet.is_empty(), note }
}
