//! One pass beside gensim's, where nothing is left to chance (`gold/updates/make.py`). Skip-gram is left out: the words of a window are
//! stepped together here, one after the other there, which is not the same where a word stands on both sides.

use serde::Deserialize;
use vectory_core::Vectors;

use super::{Architecture, Documents, LossKind, Tables, TextJob, Units, WordParams, objective};
use crate::sampling::{SharedRows, Task, work_alone};
use crate::vocabulary::{Corpus, CorpusBuilder, CorpusParams, TokenKind, Tokenizer};

#[derive(Deserialize)]
struct Gold {
    text: Vec<String>,
    words: Vec<String>,
    rate: f32,
    rows: Vec<Vec<f32>>,
    documents: Vec<Vec<f32>>,
    cbow: Vec<Vec<f32>>,
    dm: Vec<Vec<f32>>,
    dm_words: Vec<Vec<f32>>,
    dbow: Vec<Vec<f32>>,
}

fn gold() -> Gold {
    serde_json::from_str(include_str!("../../gold/updates/gold.json")).unwrap()
}

fn corpus(g: &Gold) -> Corpus {
    let tokenizer = Tokenizer { tokens: TokenKind::Space, lower: false };
    let mut b = CorpusBuilder::new(&CorpusParams { tokenizer, min_count: 1, ..CorpusParams::default() }).unwrap();
    g.text.iter().for_each(|l| b.add(l).unwrap());
    let c = b.finish("gold").unwrap();
    assert_eq!(c.vocabulary.words().collect::<Vec<_>>(), g.words);
    assert_eq!(c.stream.pieces(), 1, "one piece is one learning rate");
    c
}

/// Words and documents after one pass from the gold's rows.
fn pass(g: &Gold, architecture: Architecture, documents: Documents) -> (Vectors, Vectors) {
    let (c, of) = (corpus(g), |rows: &[Vec<f32>]| Vectors::from_rows(rows.iter().map(Vec::as_slice)).unwrap());
    let (words, docs) = (of(&g.rows), of(&g.documents));
    let params = WordParams {
        architecture,
        loss: LossKind::Hierarchical,
        dim: words.dim(),
        window: 1,
        sample: 0.0,
        rate: Some(g.rate),
        ..WordParams::default()
    };
    let objective = objective(&params, &c.vocabulary).unwrap();
    let tables = Tables {
        input: Units::new(SharedRows::from_vectors(&words), &c.vocabulary, None),
        output: SharedRows::zeros(objective.rows(words.rows()), words.dim()),
        positions: None,
        documents: (documents != Documents::None).then(|| SharedRows::from_vectors(&docs)),
    };
    let keep = c.vocabulary.keep(0.0);
    let job = TextJob {
        stream: &c.stream,
        pieces: 1,
        keep,
        tables: &tables,
        objective,
        params: &params,
        documents,
        frozen: false,
        seed: 1,
    };
    work_alone(&job, Task { number: 0, piece: 0, rate: g.rate }).unwrap();
    let after = tables.documents.as_ref().map_or(docs, SharedRows::to_vectors);
    (tables.input.rows.to_vectors(), after)
}

/// The largest difference, over the largest change that the pass made.
fn off(got: &Vectors, want: &[Vec<f32>], before: &[Vec<f32>]) -> f32 {
    let most = |rows: &mut dyn Iterator<Item = (f32, f32)>| rows.map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
    let flat = |rows: &[Vec<f32>]| rows.iter().flatten().copied().collect::<Vec<f32>>();
    let (want, before) = (flat(want), flat(before));
    most(&mut got.as_slice().iter().copied().zip(want.iter().copied()))
        / most(&mut before.iter().copied().zip(want.iter().copied()))
}

#[test]
fn one_pass_changes_rows_as_gensims_does() {
    let g = gold();
    // Ours looks the logistic function up in a table; the gold has the function itself.
    let (cbow, _) = pass(&g, Architecture::Cbow, Documents::None);
    assert!(off(&cbow, &g.cbow, &g.rows) < 0.02, "cbow {}", off(&cbow, &g.cbow, &g.rows));
    let (words, dm) = pass(&g, Architecture::Cbow, Documents::Memory);
    assert!(off(&dm, &g.dm, &g.documents) < 0.02, "dm {}", off(&dm, &g.dm, &g.documents));
    assert!(off(&words, &g.dm_words, &g.rows) < 0.02);
    let (_, dbow) = pass(&g, Architecture::SkipGram, Documents::Bag { words: false });
    assert!(off(&dbow, &g.dbow, &g.documents) < 0.02, "dbow {}", off(&dbow, &g.dbow, &g.documents));
}
