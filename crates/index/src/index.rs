//! A file that holds vectors and an index of them: what `vectory index` writes and `vectory search` reads.

use std::path::Path;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use thiserror::Error;
use vectory_compress::{Codec, CodecError};
use vectory_core::{Context, Hit, Metric, VectorsRef};

use crate::coded::{CodedFlat, CodedRows};
use crate::factory::Factory;
use crate::file::{FileError, FileWriter, IndexFile, Region, Verify};
use crate::flat::Flat;
use crate::graph::{Graph, GraphError, GraphSearcher};
use crate::ivf::{Ivf, IvfError, IvfSearcher};
use crate::lowrank::{LowRank, LowRankError, LowRankSearcher};
use crate::search::{Search, SearchParams};

const KIND: &str = "index";
const VERSION: u32 = 1;

/// Why an index could not be built, saved or opened.
#[derive(Debug, Error)]
pub enum IndexError {
    /// The vectors or the parameters do not make an index.
    #[error(transparent)]
    Graph(#[from] GraphError),
    /// Nor a scan over codes.
    #[error(transparent)]
    Codec(#[from] CodecError),
    /// Nor an inverted file.
    #[error(transparent)]
    Ivf(#[from] IvfError),
    /// Nor clusters with factors.
    #[error(transparent)]
    LowRank(#[from] LowRankError),
    /// The file could not be written or read.
    #[error(transparent)]
    File(#[from] FileError),
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Described {
    rows: usize,
    dim: usize,
    metric: Metric,
    /// Whether the full rows are in the file.
    #[serde(default = "yes")]
    full: bool,
    /// Of what there is; the others are null.
    graph: serde_json::Value,
    #[serde(default)]
    codes: serde_json::Value,
    #[serde(default)]
    ivf: serde_json::Value,
    #[serde(default, skip_serializing_if = "serde_json::Value::is_null")]
    low_rank: serde_json::Value,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    tuned: Option<Tuned>,
}

/// The search setting that an index was tuned to.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Tuned {
    /// Hits a query.
    pub k: usize,
    /// See [`SearchParams`].
    pub ef: usize,
    /// See [`SearchParams`].
    pub nprobe: usize,
    /// See [`SearchParams`].
    pub rerank: usize,
    /// The recall that was measured with it.
    pub recall: f64,
}

fn yes() -> bool {
    true
}

/// What answers queries.
pub(crate) enum Body {
    Flat,
    Graph(Graph),
    GraphOf(Graph, CodedRows),
    Coded(CodedRows),
    Ivf(Ivf),
    LowRank(LowRank),
}

/// Vectors, or codes of them, with an index over them; mapped when opened from a file.
pub struct Index {
    file: Arc<IndexFile>,
    described: Described,
    vectors: Region<f32>,
    pub(crate) body: Body,
}

impl Index {
    /// Copies the vectors and builds the named index over them.
    ///
    /// # Errors
    /// [`IndexError::Graph`] for a metric, a parameter or a value that is not allowed, or when interrupted.
    pub fn build(rows: VectorsRef<'_>, metric: Metric, factory: &Factory, ctx: &Context) -> Result<Self, IndexError> {
        let mut file = FileWriter::new(KIND, VERSION, serde_json::Value::Null);
        let mut described = Described {
            rows: rows.rows(),
            dim: rows.dim(),
            metric,
            full: factory.keeps_rows(),
            graph: serde_json::Value::Null,
            codes: serde_json::Value::Null,
            ivf: serde_json::Value::Null,
            low_rank: serde_json::Value::Null,
            tuned: None,
        };
        let mut graph = None;
        match factory {
            Factory::Graph(params) => graph = Some(Graph::build(rows, metric, params, ctx)?),
            Factory::Flat => {
                if !matches!(metric, Metric::Cosine | Metric::Dot | Metric::L2) {
                    return Err(GraphError::Metric(metric).into());
                }
                if let Some((row, column)) = rows.first_non_finite() {
                    return Err(GraphError::NonFinite { row, column }.into());
                }
            }
            Factory::GraphOf { params, spec } => {
                graph = Some(Graph::build(rows, metric, params, ctx)?);
                if rows.rows() > 0 {
                    let codec = spec.fit(rows, metric, ctx)?;
                    let codes = codec.encode(rows, ctx)?;
                    described.codes = CodedRows::write(&mut file, &codec, codes.view());
                }
            }
            Factory::Coded { spec, .. } => {
                let codec = spec.fit(rows, metric, ctx)?;
                let codes = codec.encode(rows, ctx)?;
                described.codes = CodedRows::write(&mut file, &codec, codes.view());
            }
            Factory::Ivf { params, .. } => described.ivf = Ivf::build_into(&mut file, rows, metric, params, ctx)?,
            Factory::LowRank(params) => {
                described.low_rank = LowRank::build_into(&mut file, rows, metric, params, ctx)?;
            }
        }
        file.section("vectors", if described.full { rows.as_slice() } else { &[] });
        if let Some(graph) = graph {
            described.graph = graph.write(&mut file);
        }
        file.describe(serde_json::json!(described));
        Self::of(file.finish()?)
    }

    fn of(file: IndexFile) -> Result<Self, IndexError> {
        let described: Described = serde_json::from_value(file.params().clone())
            .map_err(|e| FileError::section(file.path(), "header", e.to_string()))?;
        let vectors: Region<f32> = file.region("vectors")?;
        let expected = if described.full { described.rows.checked_mul(described.dim) } else { Some(0) };
        if expected != Some(vectors.len()) {
            let why = format!("has {} values, not {} × {}", vectors.len(), described.rows, described.dim);
            return Err(FileError::section(file.path(), "vectors", why).into());
        }
        let file = Arc::new(file);
        let body = Body::of(&file, &described)?;
        let index = Self { file, described, vectors, body };
        index.searcher()?;
        Ok(index)
    }

    /// Opens a saved index, mapped, and checks every byte of it.
    ///
    /// # Errors
    /// [`IndexError::File`] when it is missing, foreign, cut or corrupted; the corrupted block is named.
    pub fn open(path: &Path) -> Result<Self, IndexError> {
        Self::of(IndexFile::open(path, KIND, VERSION, Verify::All)?)
    }

    /// Writes it to a file: all or nothing, synced.
    ///
    /// # Errors
    /// When the file cannot be written; what was at `path` stays.
    pub fn save(&self, path: &Path) -> Result<(), IndexError> {
        Ok(self.file.save(path)?)
    }

    /// The same index, with a search setting that is used where none is given.
    ///
    /// # Errors
    /// [`IndexError::File`] when it outgrows what a file can hold.
    pub fn with_setting(&self, params: &SearchParams<'_>, recall: f64) -> Result<Self, IndexError> {
        let SearchParams { k, ef, nprobe, rerank, .. } = *params;
        let described = Described { tuned: Some(Tuned { k, ef, nprobe, rerank, recall }), ..self.described.clone() };
        Self::of(self.file.with_params(serde_json::json!(described))?)
    }

    /// The setting that it was tuned to.
    #[must_use]
    pub fn tuned(&self) -> Option<Tuned> {
        self.described.tuned
    }

    /// How many rows it searches.
    #[must_use]
    pub fn len(&self) -> usize {
        self.described.rows
    }

    /// Whether there is no row.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The whole file, to be a section of another.
    pub(crate) fn as_bytes(&self) -> &[u8] {
        self.file.as_bytes()
    }

    /// Opens an index that is a section of another file.
    pub(crate) fn nested(outer: Arc<IndexFile>, region: Region<u8>) -> Result<Self, IndexError> {
        Self::of(IndexFile::nested(outer, region, KIND, VERSION)?)
    }

    /// The full rows; none where only codes are kept.
    #[must_use]
    pub fn rows(&self) -> VectorsRef<'_> {
        match VectorsRef::new(self.file.get(self.vectors), self.described.dim) {
            Ok(rows) => rows,
            Err(_) => unreachable!("the number of values was compared with rows × dim when the index was made"),
        }
    }

    /// How vectors are compared.
    #[must_use]
    pub fn metric(&self) -> Metric {
        self.described.metric
    }

    /// The graph, if it has one.
    #[must_use]
    pub fn graph(&self) -> Option<&Graph> {
        match &self.body {
            Body::Graph(graph) | Body::GraphOf(graph, _) => Some(graph),
            _ => None,
        }
    }

    /// Bytes of its file.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.file.size()
    }

    /// What answers queries. Keep it: it reuses its buffers.
    ///
    /// # Errors
    /// None for an index that was opened: its parts were compared then.
    pub fn searcher(&self) -> Result<Searcher<'_>, IndexError> {
        let full = self.described.full.then(|| self.rows());
        Ok(match &self.body {
            Body::Flat => Searcher::Flat(Flat::new(self.rows(), self.described.metric)),
            Body::Graph(graph) => Searcher::Graph(graph.on(self.rows())?),
            Body::GraphOf(graph, codes) => Searcher::Graph(graph.on_codes(codes)?),
            Body::Coded(codes) => Searcher::Coded(CodedFlat::new(codes, full)),
            Body::Ivf(ivf) => Searcher::Ivf(ivf.searcher(full)),
            Body::LowRank(index) => match index.on(self.rows()) {
                Some(searcher) => Searcher::LowRank(searcher),
                None => return Err(FileError::section(self.file.path(), "vectors", "are of another index").into()),
            },
        })
    }
}

impl Body {
    fn of(file: &Arc<IndexFile>, described: &Described) -> Result<Self, IndexError> {
        let bad = |section: &str| FileError::section(file.path(), section, "is for other rows");
        let mut coded = None;
        if !described.codes.is_null() {
            let codes = CodedRows::of(Arc::clone(file), described.codes.clone())?;
            if (codes.codes().rows(), codes.codec().dim(), codes.codec().metric())
                != (described.rows, described.dim, described.metric)
            {
                return Err(bad("codes").into());
            }
            coded = Some(codes);
        }
        if !described.graph.is_null() {
            let graph = Graph::of(Arc::clone(file), described.graph.clone())?;
            return Ok(match coded {
                Some(codes) => Self::GraphOf(graph, codes),
                None => Self::Graph(graph),
            });
        }
        if let Some(codes) = coded {
            return Ok(Self::Coded(codes));
        }
        if !described.ivf.is_null() {
            let ivf = Ivf::within(Arc::clone(file), described.ivf.clone())?;
            return match (ivf.rows(), ivf.dim(), ivf.metric()) == (described.rows, described.dim, described.metric) {
                true => Ok(Self::Ivf(ivf)),
                false => Err(bad("ids").into()),
            };
        }
        if !described.low_rank.is_null() {
            let index = LowRank::within(Arc::clone(file), described.low_rank.clone())?;
            return match (index.rows(), index.dim(), index.metric())
                == (described.rows, described.dim, described.metric)
            {
                true => Ok(Self::LowRank(index)),
                false => Err(bad("ids").into()),
            };
        }
        match described.full {
            true => Ok(Self::Flat),
            false => Err(bad("header").into()),
        }
    }
}

/// The search of an [`Index`].
pub enum Searcher<'a> {
    /// Exact scan.
    Flat(Flat<'a>),
    /// Graph.
    Graph(GraphSearcher<'a>),
    /// Scan over codes.
    Coded(CodedFlat<'a>),
    /// Lists.
    Ivf(IvfSearcher<'a>),
    /// Clusters with factors.
    LowRank(LowRankSearcher<'a>),
}

impl Search for Searcher<'_> {
    fn len(&self) -> usize {
        match self {
            Self::Flat(f) => f.len(),
            Self::Graph(g) => g.len(),
            Self::Coded(c) => c.len(),
            Self::Ivf(i) => i.len(),
            Self::LowRank(l) => l.len(),
        }
    }

    fn dim(&self) -> usize {
        match self {
            Self::Flat(f) => f.dim(),
            Self::Graph(g) => g.dim(),
            Self::Coded(c) => c.dim(),
            Self::Ivf(i) => i.dim(),
            Self::LowRank(l) => l.dim(),
        }
    }

    fn search(&self, query: &[f32], params: &SearchParams<'_>) -> Vec<Hit> {
        match self {
            Self::Flat(f) => f.search(query, params),
            Self::Graph(g) => g.search(query, params),
            Self::Coded(c) => c.search(query, params),
            Self::Ivf(i) => i.search(query, params),
            Self::LowRank(l) => l.search(query, params),
        }
    }

    fn range(&self, query: &[f32], floor: f32, params: &SearchParams<'_>) -> Vec<Hit> {
        match self {
            Self::Flat(f) => f.range(query, floor, params),
            Self::Graph(g) => g.range(query, floor, params),
            Self::Coded(c) => c.range(query, floor, params),
            Self::Ivf(i) => i.range(query, floor, params),
            Self::LowRank(l) => l.range(query, floor, params),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::factory;

    fn rows() -> Vec<f32> {
        (0..2400).map(|i| ((i * 7919 + i / 8) % 1000) as f32 / 500.0 - 1.0).collect()
    }

    #[test]
    fn saved_is_opened_and_answers_the_same() {
        let values = rows();
        let rows = VectorsRef::new(&values, 8).unwrap();
        let ctx = Context::new(1, 2).unwrap();
        let dir = tempfile::tempdir().unwrap();
        for (name, metric) in [("Flat", Metric::L2), ("HNSW8", Metric::Cosine), ("Graph16", Metric::Dot)] {
            let built = Index::build(rows, metric, &factory::parse(name).unwrap(), &ctx).unwrap();
            let path = dir.path().join("v.index");
            built.save(&path).unwrap();
            let opened = Index::open(&path).unwrap();
            assert_eq!(opened.rows().as_slice(), values);
            assert_eq!(opened.metric(), metric);
            let params = SearchParams { k: 5, ef: 200, ..SearchParams::default() };
            let (a, b) = (built.searcher().unwrap(), opened.searcher().unwrap());
            let exact = Flat::new(rows, metric);
            for q in rows.slice(0, 30).iter() {
                assert_eq!(a.search(q, &params), b.search(q, &params));
                assert_eq!(a.search(q, &params), exact.search(q, &params), "{name}");
            }
        }
    }

    #[test]
    fn codes_and_lists_survive_the_disk() {
        let rows = crate::testing::clusters(800, 16, 1);
        let ctx = Context::new(1, 2).unwrap();
        let dir = tempfile::tempdir().unwrap();
        let metric = Metric::Cosine;
        let exact = Flat::new(rows.view(), metric);
        for name in [
            "LVQ8",
            "PQ8x4fs,RFlat",
            "IVF16,Flat",
            "IVF16,LVQ8,RFlat",
            "IVF16,RaBitQ4",
            "HNSW8,LVQ4x8",
            "Graph8,SQ8",
            "LoRANN16x16",
        ] {
            let built = Index::build(rows.view(), metric, &factory::parse(name).unwrap(), &ctx).unwrap();
            let path = dir.path().join("v.index");
            built.save(&path).unwrap();
            let opened = Index::open(&path).unwrap();
            assert_eq!((opened.len(), opened.metric()), (800, metric));
            assert_eq!(
                opened.rows().rows(),
                if name.ends_with("RFlat") || name.starts_with("LoRANN") { 800 } else { 0 }
            );
            let params = SearchParams { k: 5, nprobe: 16, rerank: 200, ..SearchParams::default() };
            let (a, b) = (built.searcher().unwrap(), opened.searcher().unwrap());
            let mut same = 0;
            for q in rows.view().slice(0, 30).iter() {
                let hits = a.search(q, &params);
                assert_eq!(hits, b.search(q, &params), "{name}");
                same += hits.iter().filter(|h| exact.search(q, &params).iter().any(|x| x.id == h.id)).count();
            }
            assert!(same >= 120, "{name}: {same} of 150");
        }
    }

    #[test]
    fn empty_and_wrong_sets() {
        let ctx = Context::new(1, 1).unwrap();
        let none = VectorsRef::new(&[], 4).unwrap();
        for name in ["Flat", "HNSW", "HNSW,LVQ8", "IVF8,Flat", "IVF8,LVQ8", "LoRANN8"] {
            let index = Index::build(none, Metric::L2, &factory::parse(name).unwrap(), &ctx).unwrap();
            assert!(index.searcher().unwrap().search(&[0.0; 4], &SearchParams::default()).is_empty());
            let nan = VectorsRef::new(&[f32::NAN], 1).unwrap();
            assert!(Index::build(nan, Metric::L2, &factory::parse(name).unwrap(), &ctx).is_err());
            assert!(Index::build(none, Metric::Jaccard, &factory::parse(name).unwrap(), &ctx).is_err());
        }
    }
}
