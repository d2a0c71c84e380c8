//! The inverted file: sections of an index file.

use std::path::Path;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use vectory_core::{Context, Metric, VectorsRef};

use super::{IvfError, IvfParams, IvfSearcher, build};
use crate::coded::CodedRows;
use crate::file::{FileError, FileWriter, IndexFile, Region, Verify};

pub(super) const KIND: &str = "ivf";
pub(super) const VERSION: u32 = 1;

/// What the header of the file says.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Header {
    pub rows: usize,
    pub dim: usize,
    pub metric: Metric,
    pub lists: usize,
    /// Of the codes; null where full rows are kept.
    pub codes: serde_json::Value,
}

/// Rows in lists; mapped when opened from a file.
pub struct Ivf {
    file: Arc<IndexFile>,
    header: Header,
    centroids: Region<f32>,
    starts: Region<u32>,
    ids: Region<u32>,
    pub(super) body: Body,
}

/// What stands at each place.
pub(super) enum Body {
    /// A full row.
    Rows(Region<f32>),
    /// A code, and the number that goes with it.
    Codes(CodedRows, Region<f32>),
}

impl Ivf {
    /// Groups and codes rows. Same rows and seed, same index, for any number of threads. No row at all is an index, too.
    ///
    /// # Errors
    /// [`IvfError`]: metric, parameters, values that are not finite, interrupted.
    pub fn build(rows: VectorsRef<'_>, metric: Metric, params: &IvfParams, ctx: &Context) -> Result<Self, IvfError> {
        let mut file = FileWriter::new(KIND, VERSION, serde_json::Value::Null);
        let header = Self::build_into(&mut file, rows, metric, params, ctx)?;
        file.describe(header);
        Ok(Self::of(Arc::new(file.finish()?))?)
    }

    /// Adds its sections to a file that holds more; what comes back is for [`Ivf::within`].
    ///
    /// # Errors
    /// As [`Ivf::build`].
    pub(crate) fn build_into(
        file: &mut FileWriter,
        rows: VectorsRef<'_>,
        metric: Metric,
        params: &IvfParams,
        ctx: &Context,
    ) -> Result<serde_json::Value, IvfError> {
        build::build(file, rows, metric, params, ctx)
    }

    fn of(file: Arc<IndexFile>) -> Result<Self, FileError> {
        let header = file.params().clone();
        Self::within(file, header)
    }

    /// Finds its sections in a file.
    ///
    /// # Errors
    /// [`FileError::Section`] when a part is missing or does not fit the others.
    pub(crate) fn within(file: Arc<IndexFile>, header: serde_json::Value) -> Result<Self, FileError> {
        let bad = |section: &str, why: &str| FileError::section(file.path(), section, why);
        let header: Header = serde_json::from_value(header).map_err(|e| bad("header", &e.to_string()))?;
        let (centroids, starts, ids) =
            (file.region::<f32>("centroids")?, file.region::<u32>("starts")?, file.region::<u32>("ids")?);
        let size = header.lists.checked_mul(header.dim);
        if header.lists == 0 || size != Some(centroids.len()) || starts.len() != header.lists + 1 {
            return Err(bad("centroids", "are not as many as the lists"));
        }
        let (all, of) = (file.get(starts), file.get(ids));
        check_places(&file, (all, header.lists), (of, header.rows))?;
        let body = if header.codes.is_null() {
            let rows = file.region::<f32>("rows")?;
            if of.len().checked_mul(header.dim) != Some(rows.len()) {
                return Err(bad("rows", "are not as many as the places"));
            }
            Body::Rows(rows)
        } else {
            let biases = file.region::<f32>("biases")?;
            let coded = CodedRows::of(Arc::clone(&file), header.codes.clone())?;
            check_codes(&file, &header, &coded, (all, of.len(), biases.len()))?;
            Body::Codes(coded, biases)
        };
        Ok(Self { header, centroids, starts, ids, body, file })
    }

    /// Opens a saved one, mapped, and checks every byte of it.
    ///
    /// # Errors
    /// When it is missing, foreign, cut or corrupted; the corrupted block is named.
    pub fn open(path: &Path) -> Result<Self, FileError> {
        Self::of(Arc::new(IndexFile::open(path, KIND, VERSION, Verify::All)?))
    }

    /// Writes it to a file: all or nothing, synced.
    ///
    /// # Errors
    /// When the file cannot be written; what was at `path` stays.
    pub fn save(&self, path: &Path) -> Result<(), FileError> {
        self.file.save(path)
    }

    /// Bytes of its file.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.file.size()
    }

    /// How many rows.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.header.rows
    }

    /// Values a row has.
    #[must_use]
    pub fn dim(&self) -> usize {
        self.header.dim
    }

    /// How rows compare.
    #[must_use]
    pub fn metric(&self) -> Metric {
        self.header.metric
    }

    /// Whether its lists hold codes, not full rows.
    #[must_use]
    pub fn is_coded(&self) -> bool {
        matches!(self.body, Body::Codes(..))
    }

    /// How many lists.
    #[must_use]
    pub fn lists(&self) -> usize {
        self.header.lists
    }

    /// What answers queries. With `rows`, the full ones in their first order, the last candidates are ranked by them. Keep it:
    /// it reuses its buffers.
    #[must_use]
    pub fn searcher<'a>(&'a self, rows: Option<VectorsRef<'a>>) -> IvfSearcher<'a> {
        IvfSearcher::new(self, rows)
    }

    pub(super) fn centroids(&self) -> &[f32] {
        self.file.get(self.centroids)
    }

    pub(super) fn ids(&self) -> &[u32] {
        self.file.get(self.ids)
    }

    /// The places of a list.
    pub(super) fn list(&self, list: usize) -> std::ops::Range<usize> {
        let starts = self.file.get(self.starts);
        starts[list] as usize..starts[list + 1] as usize
    }

    /// The list that a place is in.
    pub(super) fn list_of(&self, place: u32) -> usize {
        // The last that starts at or before it: empty ones are passed over.
        self.file.get(self.starts).partition_point(|start| *start <= place).saturating_sub(1)
    }

    pub(super) fn values(&self, region: Region<f32>) -> &[f32] {
        self.file.get(region)
    }
}

fn check_codes(
    file: &IndexFile,
    header: &Header,
    coded: &CodedRows,
    (starts, places, biases): (&[u32], usize, usize),
) -> Result<(), FileError> {
    use vectory_compress::Codec;
    let bad = |section: &str, why: &str| Err(FileError::section(file.path(), section, why));
    let codec = coded.codec();
    if codec.dim() != header.dim || codec.metric() != Metric::Dot {
        return bad("codec", "is for other rows");
    }
    if coded.codes().rows() != places || biases != places {
        return bad("codes", "are not as many as the places");
    }
    let group = codec.layout().group;
    if starts.iter().any(|s| !(*s as usize).is_multiple_of(group)) {
        return bad("starts", "divide a group of codes");
    }
    Ok(())
}

/// Whether `starts` divide the places of `ids` into so many lists, and every place is empty or names one of so many rows.
///
/// # Errors
/// [`FileError::Section`] naming which of the two does not.
pub(crate) fn check_places(
    file: &IndexFile,
    (starts, lists): (&[u32], usize),
    (ids, rows): (&[u32], usize),
) -> Result<(), FileError> {
    let bad = |section: &str, why: &str| Err(FileError::section(file.path(), section, why));
    let ends = starts.first() == Some(&0) && starts.last().is_some_and(|end| *end as usize == ids.len());
    if starts.len() != lists + 1 || !ends || starts.windows(2).any(|w| w[0] > w[1]) {
        return bad("starts", "do not divide the places");
    }
    if ids.iter().any(|id| *id as usize >= rows && *id != u32::MAX) {
        return bad("ids", "name rows that are not there");
    }
    Ok(())
}
