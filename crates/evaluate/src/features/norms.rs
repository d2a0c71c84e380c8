//! What things are like.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use vectory_io::stream::{self, Input, LineError, Lines};

/// Longest line.
const LINE: usize = 1 << 20;
/// The free set.
const BUILT_IN: &str = include_str!("../../data/norms.tsv");

/// Why norms could not be read.
#[derive(Debug, thiserror::Error)]
pub enum NormsError {
    /// Reading failed; the text names the file.
    #[error(transparent)]
    Io(#[from] std::io::Error),
    /// A line could not be read.
    #[error(transparent)]
    Line(#[from] LineError),
    /// A line of another form.
    #[error(
        "{path}:{line}: expected class, feature and concepts between tabs (class<TAB>feature<TAB>concept concept …)"
    )]
    Form {
        /// The file.
        path: String,
        /// The line, from 1.
        line: u64,
    },
    /// Nothing in it.
    #[error("{0}: no feature in it")]
    Empty(String),
}

/// A property and the things that have it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Feature {
    /// Its class: visual, functional, taxonomic, …
    pub class: String,
    /// Its name.
    pub name: String,
    /// Who has it.
    pub concepts: BTreeSet<String>,
}

/// Features of concepts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Norms {
    /// In the order of their first line.
    pub features: Vec<Feature>,
}

impl Norms {
    /// The free set that is built in.
    ///
    /// # Errors
    /// None: a test reads it.
    pub fn built_in() -> Result<Self, NormsError> {
        Self::parse(Lines::new(Input::from_bytes("built-in norms", BUILT_IN.as_bytes().to_vec()), LINE))
    }

    /// Reads `class<TAB>feature<TAB>concept concept …`; a feature may have several lines. Marks of sense (`bat_(animal)`) are taken off,
    /// blanks in a concept are not possible. `#` lines are comments.
    ///
    /// # Errors
    /// [`NormsError`].
    pub fn read(path: &Path) -> Result<Self, NormsError> {
        Self::parse(Lines::new(stream::open(path, None)?, LINE))
    }

    fn parse(mut lines: Lines) -> Result<Self, NormsError> {
        let (mut places, mut features) = (BTreeMap::<String, usize>::new(), Vec::<Feature>::new());
        while let Some(line) = lines.next_line()? {
            let text = String::from_utf8_lossy(line).into_owned();
            if text.trim().is_empty() || text.starts_with('#') {
                continue;
            }
            let cells: Vec<&str> = text.split('\t').collect();
            let &[class, name, concepts] = cells.as_slice() else {
                return Err(NormsError::Form { path: lines.name(), line: lines.line() });
            };
            let at = *places.entry(name.to_owned()).or_insert_with(|| {
                features.push(Feature { class: class.to_owned(), name: name.to_owned(), concepts: BTreeSet::new() });
                features.len() - 1
            });
            let plain = |c: &str| c.split("_(").next().unwrap_or(c).to_lowercase();
            features[at].concepts.extend(concepts.split_whitespace().map(plain));
        }
        if features.is_empty() {
            return Err(NormsError::Empty(lines.name()));
        }
        Ok(Self { features })
    }

    /// Every concept that has a feature.
    #[must_use]
    pub fn concepts(&self) -> BTreeSet<&str> {
        self.features.iter().flat_map(|f| f.concepts.iter().map(String::as_str)).collect()
    }
}
