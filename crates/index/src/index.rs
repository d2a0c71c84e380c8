//! A file that holds vectors and an index of them: what `vectory index` writes and `vectory search` reads.

use std::path::Path;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use thiserror::Error;
use vectory_core::{Context, Hit, Metric, VectorsRef};

use crate::factory::Factory;
use crate::file::{FileError, FileWriter, IndexFile, Region, Verify};
use crate::flat::Flat;
use crate::graph::{Graph, GraphError, GraphSearcher};
use crate::search::{Search, SearchParams};

const KIND: &str = "index";
const VERSION: u32 = 1;

/// Why an index could not be built, saved or opened.
#[derive(Debug, Error)]
pub enum IndexError {
    /// The vectors or the parameters do not make an index.
    #[error(transparent)]
    Graph(#[from] GraphError),
    /// The file could not be written or read.
    #[error(transparent)]
    File(#[from] FileError),
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Described {
    rows: usize,
    dim: usize,
    metric: Metric,
    graph: serde_json::Value,
}

/// Vectors with an exact scan or a graph over them; mapped when opened from a file.
pub struct Index {
    file: Arc<IndexFile>,
    described: Described,
    vectors: Region<f32>,
    graph: Option<Graph>,
}

impl Index {
    /// Copies the vectors and builds the named index over them.
    ///
    /// # Errors
    /// [`IndexError::Graph`] for a metric, a parameter or a value that is not allowed, or when interrupted.
    pub fn build(rows: VectorsRef<'_>, metric: Metric, factory: &Factory, ctx: &Context) -> Result<Self, IndexError> {
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
        }
        let mut file = FileWriter::new(KIND, VERSION, serde_json::Value::Null);
        file.section("vectors", rows.as_slice());
        let graph = graph.map_or(serde_json::Value::Null, |g| g.write(&mut file));
        let described = Described { rows: rows.rows(), dim: rows.dim(), metric, graph };
        file.describe(serde_json::json!(described));
        Self::of(file.finish()?)
    }

    fn of(file: IndexFile) -> Result<Self, IndexError> {
        let described: Described = serde_json::from_value(file.params().clone())
            .map_err(|e| FileError::section(file.path(), "header", e.to_string()))?;
        let vectors: Region<f32> = file.region("vectors")?;
        if described.rows.checked_mul(described.dim) != Some(vectors.len()) {
            let why = format!("has {} values, not {} × {}", vectors.len(), described.rows, described.dim);
            return Err(FileError::section(file.path(), "vectors", why).into());
        }
        let file = Arc::new(file);
        let header = described.graph.clone();
        let graph = if header.is_null() { None } else { Some(Graph::of(Arc::clone(&file), header)?) };
        let index = Self { file, described, vectors, graph };
        if let Some(graph) = &index.graph {
            graph.on(index.rows())?;
        }
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

    /// The vectors.
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
        self.graph.as_ref()
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
        Ok(match &self.graph {
            Some(graph) => Searcher::Graph(graph.on(self.rows())?),
            None => Searcher::Flat(Flat::new(self.rows(), self.described.metric)),
        })
    }
}

/// The search of an [`Index`].
pub enum Searcher<'a> {
    /// Exact scan.
    Flat(Flat<'a>),
    /// Graph.
    Graph(GraphSearcher<'a>),
}

impl Search for Searcher<'_> {
    fn len(&self) -> usize {
        match self {
            Self::Flat(f) => f.len(),
            Self::Graph(g) => g.len(),
        }
    }

    fn dim(&self) -> usize {
        match self {
            Self::Flat(f) => f.dim(),
            Self::Graph(g) => g.dim(),
        }
    }

    fn search(&self, query: &[f32], params: &SearchParams<'_>) -> Vec<Hit> {
        match self {
            Self::Flat(f) => f.search(query, params),
            Self::Graph(g) => g.search(query, params),
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
            let params = SearchParams { k: 5, ef: 200, filter: None };
            let (a, b) = (built.searcher().unwrap(), opened.searcher().unwrap());
            let exact = Flat::new(rows, metric);
            for q in rows.slice(0, 30).iter() {
                assert_eq!(a.search(q, &params), b.search(q, &params));
                assert_eq!(a.search(q, &params), exact.search(q, &params), "{name}");
            }
        }
    }

    #[test]
    fn empty_and_wrong_sets() {
        let ctx = Context::new(1, 1).unwrap();
        let none = VectorsRef::new(&[], 4).unwrap();
        for name in ["Flat", "HNSW"] {
            let index = Index::build(none, Metric::L2, &factory::parse(name).unwrap(), &ctx).unwrap();
            assert!(index.searcher().unwrap().search(&[0.0; 4], &SearchParams::default()).is_empty());
            let nan = VectorsRef::new(&[f32::NAN], 1).unwrap();
            assert!(Index::build(nan, Metric::L2, &factory::parse(name).unwrap(), &ctx).is_err());
            assert!(Index::build(none, Metric::Jaccard, &factory::parse(name).unwrap(), &ctx).is_err());
        }
    }
}
