use vectory_core::artifact::Artifact;
use vectory_core::{Context, Encode};

use super::*;
use crate::checkpoint::Checkpoint;
use crate::documents::paragraph::Mode;
use crate::documents::paragraph::tests::{corpus, line};
use crate::vocabulary::Tokenizer;
use crate::word2vec::WordParams;

fn ctx(threads: usize) -> Context {
    Context::new(3, threads).unwrap()
}

#[test]
fn texts_of_a_topic_have_near_codes_and_saved_models_infer_the_same() {
    let c = corpus();
    for (mode, real) in [(Mode::Dbow, 0), (Mode::Dm, 0), (Mode::Dbow, 20)] {
        let epochs = if mode == Mode::Dm { 60 } else { 30 };
        let training = WordParams { epochs, sample: 0.0, deterministic: true, ..BinaryParams::default().training };
        let p = BinaryParams { bits: 70, real, mode, infer_epochs: epochs, training, ..BinaryParams::default() };
        let (model, _) = train(&c, Tokenizer::default(), &p, &Checkpoint::none(), &ctx(2)).unwrap();
        let texts: Vec<String> = (600..660).map(line).collect();
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        let (codes, rows) = model.infer(&texts, &ctx(2)).unwrap();
        assert_eq!((codes.len(), rows.dim()), (60, if real > 0 { 20 } else { 70 }));
        let known = model.codes();
        let near = |i: usize| (0..known.len()).min_by_key(|j| codes.get(i).hamming(known.get(*j))).unwrap();
        let right = (0..60).filter(|i| near(*i) % 3 == i % 3).count();
        assert!(right >= 48, "{mode:?} {real}: {right} of 60");
        // Codes are no collapse onto a few bits: texts of a topic differ, and every bit is used both ways.
        let ones: u32 = (0..known.len()).map(|i| known.get(i).words[0].count_ones()).sum();
        assert!((12_000..27_000).contains(&ones), "{ones}");
        assert_eq!(model.infer(&texts, &ctx(1)).unwrap().0, codes);
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("m.safetensors");
        model.save(&path).unwrap();
        let again = BinaryParagraphs::from_artifact(Artifact::open(&path).unwrap()).unwrap();
        assert_eq!(again.infer(&texts, &ctx(1)).unwrap().0, codes);
        assert_eq!((again.fingerprint(), again.codes()), (model.fingerprint(), known));
        let encoded = again.encode(&[texts[0], "", "unseen"], &ctx(1)).unwrap();
        assert!((encoded.row(0).iter().map(|v| v * v).sum::<f32>() - 1.0).abs() < 1e-5);
        assert!(encoded.as_slice()[70..].iter().all(|v| *v == 0.0));
        let (single, _) = train(&c, Tokenizer::default(), &p, &Checkpoint::none(), &ctx(1)).unwrap();
        assert_eq!(single.codes(), model.codes(), "depends on threads");
    }
}

#[test]
fn settings_out_of_range_are_named() {
    let c = corpus();
    let p = BinaryParams { bits: 0, ..BinaryParams::default() };
    assert!(p.check().unwrap_err().to_string().contains("bits is 0"));
    let p = BinaryParams { real: 5000, ..BinaryParams::default() };
    assert!(
        train(&c, Tokenizer::default(), &p, &Checkpoint::none(), &ctx(1))
            .err()
            .unwrap()
            .to_string()
            .contains("real is 5000")
    );
}
