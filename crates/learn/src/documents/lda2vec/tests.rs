use vectory_core::artifact::Artifact;
use vectory_core::{Context, Encode};

use super::*;
use crate::checkpoint::Checkpoint;
use crate::documents::paragraph::tests::{corpus, line};
use crate::vocabulary::Tokenizer;
use crate::word2vec::WordParams;

fn ctx(threads: usize) -> Context {
    Context::new(3, threads).unwrap()
}

fn params() -> Lda2VecParams {
    let training = WordParams {
        dim: 16,
        negative: 5,
        epochs: 30,
        rate: Some(0.05),
        sample: 0.0,
        deterministic: true,
        ..WordParams::default()
    };
    Lda2VecParams { topics: 3, training, ..Lda2VecParams::default() }
}

fn largest(row: &[f32]) -> usize {
    (0..row.len()).max_by(|a, b| row[*a].total_cmp(&row[*b])).unwrap()
}

#[test]
fn mixtures_become_sparse_and_follow_the_subjects() {
    let c = corpus();
    let (model, report) = train(&c, Tokenizer::default(), &params(), &Checkpoint::none(), &ctx(2)).unwrap();
    assert!(report.loss.is_finite());
    let mixtures = model.mixtures();
    let mass = mixtures.iter().map(|m| f64::from(m[largest(m)])).sum::<f64>() / mixtures.rows() as f64;
    assert!(mass > 0.6, "{mass}");
    // Most texts of a subject have the same topic, and no two subjects share it.
    let mut counts = [[0; 3]; 3];
    mixtures.iter().enumerate().for_each(|(i, m)| counts[i % 3][largest(m)] += 1);
    let of: Vec<usize> = counts.iter().map(|c| (0..3).max_by_key(|k| c[*k]).unwrap()).collect();
    assert!(of[0] != of[1] && of[1] != of[2] && of[0] != of[2], "{counts:?}");
    let topics = model.topics(5);
    for (subject, name) in ["animal", "metal", "river"].iter().enumerate() {
        let words = &topics[of[subject]].words;
        assert!(words.iter().filter(|w| w.starts_with(name)).count() >= 4, "{name}: {words:?}");
        assert!(topics[of[subject]].coherence > 0.0);
    }
    // A flat prior leaves the mixtures less decided.
    let (flat, _) =
        train(&c, Tokenizer::default(), &Lda2VecParams { alpha: 3.0, ..params() }, &Checkpoint::none(), &ctx(2))
            .unwrap();
    let flat = flat.mixtures();
    assert!(flat.iter().map(|m| f64::from(m[largest(m)])).sum::<f64>() / (flat.rows() as f64) < mass - 0.1);
    // New texts, saved models, threads.
    let texts: Vec<String> = (600..630).map(line).collect();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let found = model.infer(&texts, &ctx(2)).unwrap();
    let right = (0..30).filter(|i| largest(found.row(*i)) == of[i % 3]).count();
    assert!(right >= 24, "{right} of 30");
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("m.safetensors");
    model.save(&path).unwrap();
    let again = Lda2Vec::from_artifact(Artifact::open(&path).unwrap()).unwrap();
    assert_eq!(again.infer(&texts, &ctx(1)).unwrap().as_slice(), found.as_slice());
    assert_eq!((again.topics(3), again.fingerprint()), (model.topics(3), model.fingerprint()));
    let (other, _) = train(&c, Tokenizer::default(), &params(), &Checkpoint::none(), &ctx(1)).unwrap();
    assert_eq!(other.mixtures().as_slice(), mixtures.as_slice(), "depends on threads");
    let rows = again.encode(&["", texts[0]], &ctx(1)).unwrap();
    assert!(rows.iter().all(|r| (r.iter().map(|v| v * v).sum::<f32>() - 1.0).abs() < 1e-4));
}

#[test]
fn settings_out_of_range_are_named() {
    let c = corpus();
    let fails = |p: Lda2VecParams, part: &str| {
        let err = train(&c, Tokenizer::default(), &p, &Checkpoint::none(), &ctx(1)).err().unwrap().to_string();
        assert!(err.contains(part), "{err}");
    };
    fails(Lda2VecParams { topics: 1, ..params() }, "topics is 1");
    fails(Lda2VecParams { topics: 900, ..params() }, "45 word(s)");
    fails(Lda2VecParams { dropout: 1.5, ..params() }, "dropout is 1.5");
}
