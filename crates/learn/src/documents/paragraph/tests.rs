use vectory_core::artifact::Artifact;
use vectory_core::{Context, Encode, simd};

use super::*;
use crate::checkpoint::Checkpoint;
use crate::vocabulary::{Corpus, CorpusBuilder, CorpusParams, Tokenizer};
use crate::word2vec::WordParams;

fn ctx(threads: usize) -> Context {
    Context::new(3, threads).unwrap()
}

pub(in crate::documents) fn line(i: u64) -> String {
    let name = ["animal", "metal", "river"][(i % 3) as usize];
    (0..20).map(|j| format!("{name}{} ", vectory_core::rng::mix(i * 64 + j) % 15)).collect()
}

pub(in crate::documents) fn corpus() -> Corpus {
    let mut b = CorpusBuilder::new(&CorpusParams { min_count: 1, ..CorpusParams::default() }).unwrap();
    (0..600).for_each(|i| b.add(&line(i)).unwrap());
    b.finish("test").unwrap()
}

fn params(mode: Mode) -> ParagraphParams {
    // PV-DM's document is one of several inputs that make up the mean, so it needs more steps.
    let (epochs, rate) = if mode == Mode::Dm { (40, 0.05) } else { (15, 0.05) };
    let training =
        WordParams { dim: 17, epochs, rate: Some(rate), sample: 0.0, deterministic: true, ..WordParams::default() };
    ParagraphParams { mode, infer_epochs: epochs * 2, training, ..ParagraphParams::default() }
}

#[test]
fn documents_and_new_texts_of_a_topic_are_near_and_saved_models_infer_the_same() {
    let c = corpus();
    for mode in [Mode::Dbow, Mode::Dm] {
        let (model, _) = train(&c, Tokenizer::default(), &params(mode), &Checkpoint::none(), &ctx(2)).unwrap();
        let texts: Vec<String> = (600..660).map(line).collect();
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        let (rows, docs) = (model.encode(&texts, &ctx(2)).unwrap(), model.documents());
        let mut right = 0;
        for (i, row) in rows.iter().enumerate() {
            let best = (0..docs.rows())
                .max_by(|a, b| simd::cosine(row, docs.row(*a)).total_cmp(&simd::cosine(row, docs.row(*b))));
            right += usize::from(best.unwrap() % 3 == i % 3);
        }
        assert!(right >= 55, "{mode:?}: {right} of 60");
        assert_eq!(model.encode(&texts, &ctx(1)).unwrap().as_slice(), rows.as_slice());
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("m.safetensors");
        model.save(&path).unwrap();
        let again = ParagraphVectors::from_artifact(Artifact::open(&path).unwrap()).unwrap();
        assert_eq!(again.encode(&texts, &ctx(1)).unwrap().as_slice(), rows.as_slice());
        assert_eq!(again.fingerprint(), model.fingerprint());
        assert!(again.encode(&["", "unseen"], &ctx(1)).unwrap().as_slice().iter().all(|v| *v == 0.0));
    }
    assert!(params(Mode::Dm).check().is_ok());
    assert!(ParagraphParams { words: true, ..params(Mode::Dm) }.check().is_err());
}
