//! Claim 100: vector search as a feature of a general store loses nothing against exact search.
//!
//! Lin et al., "Vector Search with OpenAI Embeddings: Lucene Is All You Need" (2023): HNSW inside an ordinary index with
//! segments is as good as a vector database. Here: rows of the default encoder as f32, one graph a segment.

use std::path::Path;
use std::sync::Arc;

use vectory_core::registry::{Claim, ClaimContext, ClaimError, Method, Outcome};
use vectory_core::{Context, Encode};
use vectory_evaluate::ranking::{Qrels, RankMeasure, RankingParams, Run, evaluate};
use vectory_io::documents::{Document, Item, SourceParams};
use vectory_io::trec::beir;

use crate::recipe::{IndexRecipe, Recipe, SourceRecipe, View};
use crate::{EncoderProvider, Query, Space, Writer, WriterParams};

/// Every method that lives here.
pub const METHODS: &[Method] = &[LUCENE];

const LUCENE: Method = Method {
    id: "100",
    name: "Lucene is all you need",
    home: "serve",
    kind: "system",
    command: "vectory search X.space QUERY --view meaning",
    claim: Some(Claim {
        statement: "a graph (M = 16, ef_construct = 100, ef = 1000) inside a space of segments gives the same nDCG@10 and MRR@10 as \
                    exact search; two unmerged segments the same as one; the run file comes out byte for byte again",
        threshold: "|difference| <= 0.002 in nDCG@10 and MRR@10, graph against exact and two segments against one; files equal",
        data: "retrieval/npl (11,429 passages), retrieval/scifact (5,183)",
        run,
    }),
};

const TOLERANCE: f64 = 0.002;
/// Hits of a run, and candidates of the graph search.
const DEPTH: usize = 1000;
const MEASURES: [RankMeasure; 2] = [RankMeasure::Ndcg(Some(10)), RankMeasure::Mrr(Some(10))];

struct Given(Arc<dyn Encode>);

impl EncoderProvider for Given {
    fn open(&self, _: &str, _: &Path) -> Result<Arc<dyn Encode>, String> {
        Ok(Arc::clone(&self.0))
    }
}

/// One test collection, and where its spaces are made.
struct Trial<'a> {
    documents: Vec<Document>,
    queries: Vec<beir::Query>,
    qrels: Qrels,
    encoders: Given,
    ctx: &'a Context,
}

fn run(c: &ClaimContext) -> Result<Outcome, ClaimError> {
    let encoder = c.encoder.clone().ok_or_else(|| ClaimError::failed("no encoder was given"))?;
    let mut measured = Vec::new();
    let mut holds = true;
    for name in ["npl", "scifact"] {
        let folder = c.data(Path::new("retrieval").join(name))?;
        let trial = Trial::read(&folder, Given(Arc::clone(&encoder)), &c.context)?;
        let (words, held) = trial.run(name)?;
        measured.push(words);
        holds &= held;
    }
    let note = format!("rows of {} as f32; every passage a whole document; k = ef = {DEPTH}", encoder.name());
    Ok(Outcome { measured: measured.join("; "), holds, note })
}

impl<'a> Trial<'a> {
    fn read(folder: &Path, encoders: Given, ctx: &'a Context) -> Result<Self, ClaimError> {
        let collection = beir::open(folder, "test").map_err(ClaimError::failed)?;
        let mut documents = Vec::new();
        for item in collection.documents(&SourceParams::default()).map_err(ClaimError::failed)? {
            if let Item::Document(d) = item.map_err(ClaimError::failed)? {
                documents.push(d);
            }
        }
        let queries = collection.judged().cloned().collect();
        let qrels = Qrels::from_judgements(collection.qrels).map_err(ClaimError::failed)?;
        Ok(Self { documents, queries, qrels, encoders, ctx })
    }

    fn run(&self, name: &str) -> Result<(String, bool), ClaimError> {
        let dir = Scratch::new(name)?;
        let one = self.build(&dir.0.join("one.space"), usize::MAX)?;
        let again = self.build(&dir.0.join("again.space"), usize::MAX)?;
        let two = self.build(&dir.0.join("two.space"), self.documents.len().div_ceil(2))?;
        if (one.info().segments, two.info().segments) != (1, 2) {
            return Err(ClaimError::failed("the spaces have not the segments that the claim is about"));
        }
        let exact = self.scores(&self.rank(&one, true)?)?;
        let first = self.rank(&one, false)?;
        let graph = self.scores(&first)?;
        let halves = self.scores(&self.rank(&two, false)?)?;
        let equal = bytes_of(&first, &dir.0)? == bytes_of(&self.rank(&again, false)?, &dir.0)?;
        let apart = |a: [f64; 2], b: [f64; 2]| (a[0] - b[0]).abs().max((a[1] - b[1]).abs());
        let (lost, split) = (apart(graph, exact), apart(halves, graph));
        let words = format!(
            "{name}: exact nDCG@10 {:.4}, MRR@10 {:.4}; graph {:.4}, {:.4}; two segments {:.4}, {:.4}; files {}",
            exact[0],
            exact[1],
            graph[0],
            graph[1],
            halves[0],
            halves[1],
            if equal { "equal" } else { "differ" }
        );
        Ok((words, lost <= TOLERANCE && split <= TOLERANCE && equal))
    }

    fn build(&self, path: &Path, max_segment: usize) -> Result<Space, ClaimError> {
        let index = IndexRecipe { factory: "HNSW16".into(), ef_construct: 100, ef: DEPTH, graph_from: 1 };
        let recipe = Recipe {
            source: SourceRecipe { max_words: 0, overlap_words: 0, ..SourceRecipe::default() },
            views: vec![View { index: Some(index), ..View::meaning() }],
            ..Recipe::default()
        };
        let params = WriterParams { max_segment, flush_passages: max_segment, ..WriterParams::default() };
        let mut writer = Writer::create(path, &recipe, &self.encoders, params).map_err(ClaimError::failed)?;
        for half in self.documents.chunks(max_segment.min(self.documents.len()).max(1)) {
            writer.upsert(half, "", self.ctx).map_err(ClaimError::failed)?;
            writer.commit(self.ctx).map_err(ClaimError::failed)?;
        }
        writer.optimize(self.ctx).map_err(ClaimError::failed)?;
        drop(writer);
        Space::open(path, &self.encoders).map_err(ClaimError::failed)
    }

    fn rank(&self, space: &Space, exact: bool) -> Result<Run, ClaimError> {
        let mut run = Run::default();
        for query in &self.queries {
            let asked = Query { k: DEPTH, exact, ..Query::new(query.text.clone()) };
            let ranked = space.rank(&asked, self.ctx).map_err(ClaimError::failed)?;
            let rows = ranked.into_iter().map(|r| (r.id, r.score)).collect();
            run.insert(query.id.clone(), rows).map_err(ClaimError::failed)?;
        }
        Ok(run)
    }

    fn scores(&self, run: &Run) -> Result<[f64; 2], ClaimError> {
        let scores = evaluate(&self.qrels, run, &MEASURES, &RankingParams::default()).map_err(ClaimError::failed)?;
        Ok([scores.mean(0), scores.mean(1)])
    }
}

fn bytes_of(run: &Run, folder: &Path) -> Result<Vec<u8>, ClaimError> {
    let path = folder.join("run.trec");
    run.write(&path, "vectory").map_err(ClaimError::failed)?;
    fs_err::read(path).map_err(ClaimError::failed)
}

/// A folder below the system's temporary one, removed at the end.
struct Scratch(std::path::PathBuf);

impl Scratch {
    fn new(name: &str) -> Result<Self, ClaimError> {
        let path = std::env::temp_dir().join(format!("vectory-claim-100-{name}-{}", std::process::id()));
        fs_err::create_dir_all(&path).map_err(ClaimError::failed)?;
        Ok(Self(path))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // What cannot be removed is the system's to clean.
        let _ = fs_err::remove_dir_all(&self.0);
    }
}
