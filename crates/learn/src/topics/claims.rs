//! Claims 083, 197 and 049 on 20 newsgroups and AG News, with the encoder that the caller has.

use std::collections::HashMap;

use vectory_core::linalg::{Pca, PcaParams};
use vectory_core::registry::{Claim, ClaimContext, ClaimError, Method, Outcome};
use vectory_core::stats::{F1, f1, roc_auc};
use vectory_core::{Context, Encode, Vectors};

use super::label::by_keywords;
use super::news::{Judged, ag_news, newsgroups};
use super::vocabulary::words_of;
use super::{Label, LabelParams, Labelling, TopicParams, information_gain, label, lda, topics, vocabulary};

/// The published methods that live here.
pub(crate) const METHODS: [Method; 3] = [
    Method {
        id: "083",
        name: "Top2Vec",
        home: "documents",
        kind: "method",
        command: "vectory topics X.space",
        claim: Some(Claim {
            statement: "On 20 newsgroups, 20 topics after reduction tell more about their texts than 20 topics of LDA, and follow the groups",
            threshold: "information gain above LDA's at 10, 20, ..., 100 words a topic; NMI with newsgroups >= 0.4",
            data: "classification/20news-mini/mini_newsgroups.tar.zst (2,000 messages without headers and quotes; the shipped encoder in \
                   place of doc2vec)",
            run: top2vec,
        }),
    },
    Method {
        id: "197",
        name: "Lbl2Vec",
        home: "documents",
        kind: "method",
        command: "vectory topics X.space --label NAME=word,word",
        claim: Some(Claim {
            statement: "Texts are labelled by keywords alone: label vectors of nearby texts rank texts well and beat the keywords' own vectors",
            threshold: "20 newsgroups: mean AUC >= 0.85 and macro-F1 above the keyword centroids' by >= 3 points; AG News: mean AUC >= 0.85",
            data: "classification/20news-mini/mini_newsgroups.tar.zst; classification/AG_News/test.csv.gz (the shipped encoder in place of doc2vec)",
            run: lbl2vec,
        }),
    },
    Method {
        id: "049",
        name: "Lbl2TransformerVec and the zero-shot vs similarity comparison",
        home: "documents",
        kind: "method",
        command: "vectory topics X.space --label NAME=word,word",
        claim: Some(Claim {
            statement: "On AG News, label vectors of nearby texts beat similarity to keywords, which beats label vectors in a latent semantic \
                        space, all far above matching keywords",
            threshold: "macro-F1: each step >= 1 point; keyword matching below all",
            data: "classification/AG_News/test.csv.gz (the shipped encoder; no model for entailment is in the house yet)",
            run: compared,
        }),
    },
];

const NEWS: &str = "classification/20news-mini/mini_newsgroups.tar.zst";
const AG: &str = "classification/AG_News/test.csv.gz";

/// Words of the classes' names and a few synonyms, chosen from the names alone.
const NEWS_WORDS: [(&str, &str); 20] = [
    ("alt.atheism", "atheism atheist belief god"),
    ("comp.graphics", "graphics image rendering"),
    ("comp.os.ms-windows.misc", "windows microsoft dos"),
    ("comp.sys.ibm.pc.hardware", "pc hardware motherboard ide"),
    ("comp.sys.mac.hardware", "mac apple macintosh"),
    ("comp.windows.x", "xwindows motif widget server"),
    ("misc.forsale", "sale selling offer shipping"),
    ("rec.autos", "car cars automobile engine"),
    ("rec.motorcycles", "motorcycle bike riding"),
    ("rec.sport.baseball", "baseball pitcher inning"),
    ("rec.sport.hockey", "hockey nhl goalie"),
    ("sci.crypt", "cryptography encryption key"),
    ("sci.electronics", "electronics circuit voltage"),
    ("sci.med", "medicine doctor disease patient"),
    ("sci.space", "space orbit nasa launch"),
    ("soc.religion.christian", "christian church jesus bible"),
    ("talk.politics.guns", "guns firearms weapons"),
    ("talk.politics.mideast", "israel arab turkish mideast"),
    ("talk.politics.misc", "politics government president"),
    ("talk.religion.misc", "religion moral spiritual"),
];
const AG_WORDS: [(&str, &str); 4] = [
    ("World", "world politics war government"),
    ("Sports", "sports game team player"),
    ("Business", "business market company stocks"),
    ("Sci/Tech", "science technology software internet"),
];

fn encoder(c: &ClaimContext) -> Result<&dyn Encode, ClaimError> {
    c.encoder.as_deref().ok_or_else(|| ClaimError::failed("needs an encoder"))
}

fn encode(e: &dyn Encode, texts: &[String], ctx: &Context) -> Result<Vectors, ClaimError> {
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    e.encode(&texts, ctx).map_err(ClaimError::failed)
}

fn top2vec(c: &ClaimContext) -> Result<Outcome, ClaimError> {
    let news = newsgroups(&c.data(NEWS)?)?;
    let e = encoder(c)?;
    let texts: Vec<&str> = news.texts.iter().map(String::as_str).collect();
    let words = vocabulary(&texts, 10, 20_000).words;
    let (rows, named) = (encode(e, &news.texts, &c.context)?, encode(e, &words, &c.context)?);
    let params = TopicParams { top: 100, ..TopicParams::default() };
    let found = topics(rows.view(), named.view(), &params, &c.context).map_err(ClaimError::failed)?;
    let twenty = found.reduce(20, rows.view(), named.view(), &c.context).map_err(ClaimError::failed)?;
    let baseline = lda(&texts, &words, (20, 100), &c.context).map_err(ClaimError::failed)?;
    let own: Vec<Vec<String>> =
        twenty.words.iter().map(|hits| hits.iter().map(|h| words[h.id as usize].clone()).collect()).collect();
    let gain = |of: &[u32], words: &[Vec<String>], n: usize| {
        let cut: Vec<Vec<String>> = words.iter().map(|w| w.iter().take(n).cloned().collect()).collect();
        information_gain(&texts, of, &cut)
    };
    let counts: Vec<usize> = (1..=10).map(|i| 10 * i).collect();
    let gains: Vec<(f64, f64)> =
        counts.iter().map(|n| (gain(&twenty.of, &own, *n), gain(&baseline.of, &baseline.words, *n))).collect();
    let better = gains.iter().filter(|(a, b)| a > b).count();
    let (nmi, lda_nmi) = (mutual(&news.labels, &twenty.of), mutual(&news.labels, &baseline.of));
    Ok(Outcome {
        measured: format!(
            "{} topics found ({} noise of {} texts), reduced to {}; information gain at 10 and 100 words {:.4} and {:.4}, LDA {:.4} and {:.4}, above it at {better} of 10; NMI {nmi:.3} (LDA {lda_nmi:.3})",
            found.len(),
            found.noise,
            texts.len(),
            twenty.len(),
            gains[0].0,
            gains[9].0,
            gains[0].1,
            gains[9].1
        ),
        holds: better == 10 && nmi >= 0.4,
        note: "2,000 messages instead of 18,000".into(),
    })
}

/// Normalised mutual information by the mean of the entropies.
fn mutual(a: &[u32], b: &[u32]) -> f64 {
    let n = a.len() as f64;
    let entropy = |keys: Vec<(u32, u32)>| -> f64 {
        let mut counts: HashMap<(u32, u32), f64> = HashMap::new();
        keys.into_iter().for_each(|k| *counts.entry(k).or_default() += 1.0);
        counts.values().map(|c| -c / n * (c / n).ln()).sum()
    };
    let (ha, hb) = (entropy(a.iter().map(|v| (*v, 0)).collect()), entropy(b.iter().map(|v| (*v, 0)).collect()));
    let joint = entropy(a.iter().copied().zip(b.iter().copied()).collect());
    if ha + hb > 0.0 { 2.0 * (ha + hb - joint) / (ha + hb) } else { 0.0 }
}

/// Labels in the order of the judged classes.
fn labels(
    judged: &Judged,
    words: &[(&str, &str)],
    rows_of: &dyn Fn(&[String]) -> Result<Vectors, ClaimError>,
) -> Result<Vec<Label>, ClaimError> {
    let one = |class: &String| {
        let found = words
            .iter()
            .find(|w| w.0 == class)
            .ok_or_else(|| ClaimError::failed(format!("no keywords for {class}")))?;
        let keywords: Vec<String> = found.1.split(' ').map(str::to_owned).collect();
        Ok(Label { name: class.clone(), keywords: rows_of(&keywords)? })
    };
    judged.classes.iter().map(one).collect()
}

/// Macro-F1, and the mean over labels of the area under the ROC curve.
fn scored(judged: &Judged, found: &Labelling) -> (f64, f64) {
    let wide = |l: &[u32]| l.iter().map(|v| *v as usize).collect::<Vec<_>>();
    let score = f1(&wide(&judged.labels), &wide(&found.best()), F1::Macro).unwrap_or(f64::NAN);
    let areas: Vec<f64> = (0..judged.classes.len())
        .filter_map(|l| {
            let of: Vec<bool> = judged.labels.iter().map(|j| *j as usize == l).collect();
            roc_auc(&of, &found.scores.iter().map(|s| f64::from(s[l])).collect::<Vec<_>>())
        })
        .collect();
    (score, areas.iter().sum::<f64>() / areas.len().max(1) as f64)
}

/// (macro-F1, AUC) of Lbl2Vec and of the keywords' centroids.
fn both(c: &ClaimContext, judged: &Judged, words: &[(&str, &str)]) -> Result<[(f64, f64); 2], ClaimError> {
    let e = encoder(c)?;
    let rows = encode(e, &judged.texts, &c.context)?;
    let labels = labels(judged, words, &|w| encode(e, w, &c.context))?;
    let learned = label(rows.view(), &labels, &params(judged), &c.context).map_err(ClaimError::failed)?;
    let plain = by_keywords(rows.view(), &labels).map_err(ClaimError::failed)?;
    Ok([scored(judged, &learned), scored(judged, &plain)])
}

/// As many candidates as half of an even share of the texts.
fn params(judged: &Judged) -> LabelParams {
    let most = (judged.texts.len() / judged.classes.len() / 2).max(10);
    LabelParams { candidates: (10, most), ..LabelParams::default() }
}

fn lbl2vec(c: &ClaimContext) -> Result<Outcome, ClaimError> {
    let (news, ag) = (newsgroups(&c.data(NEWS)?)?, ag_news(&c.data(AG)?)?);
    let [learned, plain] = both(c, &news, &NEWS_WORDS)?;
    let [ag_learned, ag_plain] = both(c, &ag, &AG_WORDS)?;
    let holds = learned.1 >= 0.85 && learned.0 - plain.0 >= 0.03 && ag_learned.1 >= 0.85;
    Ok(Outcome {
        measured: format!(
            "20 newsgroups: AUC {:.3}, macro-F1 {:.3} (keywords {:.3}); AG News: AUC {:.3}, macro-F1 {:.3} (keywords {:.3})",
            learned.1, learned.0, plain.0, ag_learned.1, ag_learned.0, ag_plain.0
        ),
        holds,
        note: if holds { String::new() } else { "a general encoder of short texts, 100 short messages a group".into() },
    })
}

fn compared(c: &ClaimContext) -> Result<Outcome, ClaimError> {
    let ag = ag_news(&c.data(AG)?)?;
    let [learned, plain] = both(c, &ag, &AG_WORDS)?;
    let (latent, matched) = (latent(c, &ag)?, matching(&ag));
    let holds = learned.0 - plain.0 >= 0.01 && plain.0 - latent >= 0.01 && matched < latent.min(plain.0);
    Ok(Outcome {
        measured: format!(
            "macro-F1 on {} texts: label vectors {:.3}, similarity to keywords {:.3}, label vectors in latent semantics {latent:.3}, keyword matching {matched:.3}",
            ag.texts.len(),
            learned.0,
            plain.0
        ),
        holds,
        note: "zero-shot entailment was not run: it needs a model for inference".into(),
    })
}

/// tf-idf over the 3,000 most frequent words.
fn weighted(texts: &[String], words: &[String], frequency: &[usize], total: usize) -> Vectors {
    let place: HashMap<&str, usize> = words.iter().enumerate().map(|(i, w)| (w.as_str(), i)).collect();
    let mut rows = Vectors::zeros(texts.len(), words.len());
    for (i, t) in texts.iter().enumerate() {
        for at in words_of(t).iter().filter_map(|w| place.get(w.as_str())) {
            rows.row_mut(i)[*at] += (total as f32 / frequency[*at] as f32).ln();
        }
    }
    rows.normalize();
    rows
}

/// Macro-F1 of label vectors in 200 latent dimensions.
fn latent(c: &ClaimContext, ag: &Judged) -> Result<f64, ClaimError> {
    let texts: Vec<&str> = ag.texts.iter().map(String::as_str).collect();
    let v = vocabulary(&texts, 5, 2000);
    let rows = weighted(&ag.texts, &v.words, &v.texts, texts.len());
    let pca = Pca::fit(rows.view(), &PcaParams { dims: 200.min(v.words.len()), ..PcaParams::default() }, &c.context)
        .map_err(ClaimError::failed)?;
    let rows_of = |w: &[String]| Ok(pca.apply(weighted(w, &v.words, &v.texts, texts.len()).view()));
    let labels = labels(ag, &AG_WORDS, &rows_of)?;
    let found = label(pca.apply(rows.view()).view(), &labels, &params(ag), &c.context).map_err(ClaimError::failed)?;
    Ok(scored(ag, &found).0)
}

/// Macro-F1 of the label most of whose keywords a text has.
fn matching(ag: &Judged) -> f64 {
    let keywords: Vec<Vec<&str>> = AG_WORDS.iter().map(|w| w.1.split(' ').collect()).collect();
    let score = |text: &String| {
        let words = words_of(text);
        keywords.iter().map(|k| k.iter().filter(|k| words.iter().any(|w| w == *k)).count() as f32).collect::<Vec<_>>()
    };
    let found = Labelling { vectors: Vectors::zeros(0, 0), scores: ag.texts.iter().map(score).collect(), used: vec![] };
    scored(ag, &found).0
}
