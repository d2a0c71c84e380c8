//! Sparse vectors that the client gives: kept as they are (so that they can be given back to the last bit), and turned
//! round for searching.
//!
//! Search is term at a time: each posting list of the query's dimensions is read once. **Cost**: O(postings of the query's
//! dimensions + items); 16 bytes a value on disk.

use std::path::Path;

use vectory_core::{Hit, TopK};
use vectory_index::file::{FileError, FileWriter, IndexFile, Region, Verify};

use super::StoreError;

const KIND: &str = "weights";
const VERSION: u32 = 1;

/// The sparse vectors of a part.
pub(crate) struct Weights {
    file: IndexFile,
    starts: Region<u32>,
    dims: Region<u32>,
    values: Region<f32>,
    list_dims: Region<u32>,
    list_starts: Region<u32>,
    list_items: Region<u32>,
    list_values: Region<f32>,
}

/// Collects sparse vectors, item by item.
#[derive(Default)]
pub(crate) struct WeightsBuilder {
    starts: Vec<u32>,
    dims: Vec<u32>,
    values: Vec<f32>,
}

impl WeightsBuilder {
    /// The next item's vector: ascending dimensions and their values; both empty when it has none.
    pub fn push(&mut self, dims: &[u32], values: &[f32]) {
        self.starts.push(self.dims.len() as u32);
        self.dims.extend_from_slice(dims);
        self.values.extend_from_slice(values);
    }

    pub fn get(&self, item: usize) -> (&[u32], &[f32]) {
        let end = self.starts.get(item + 1).map_or(self.dims.len(), |e| *e as usize);
        let range = self.starts.get(item).map_or(end, |s| *s as usize)..end;
        (&self.dims[range.clone()], &self.values[range])
    }

    pub fn finish(mut self) -> Result<Weights, FileError> {
        self.starts.push(self.dims.len() as u32);
        let mut postings: Vec<(u32, u32, f32)> = Vec::with_capacity(self.dims.len());
        for (item, range) in (0u32..).zip(self.starts.windows(2)) {
            let range = range[0] as usize..range[1] as usize;
            postings.extend(self.dims[range.clone()].iter().zip(&self.values[range]).map(|(d, v)| (*d, item, *v)));
        }
        postings.sort_unstable_by_key(|p| (p.0, p.1));
        let mut list_dims: Vec<u32> = Vec::new();
        let mut list_starts: Vec<u32> = Vec::new();
        for (at, (dim, _, _)) in (0u32..).zip(&postings) {
            if list_dims.last() != Some(dim) {
                list_dims.push(*dim);
                list_starts.push(at);
            }
        }
        list_starts.push(postings.len() as u32);
        let items: Vec<u32> = postings.iter().map(|p| p.1).collect();
        let values: Vec<f32> = postings.iter().map(|p| p.2).collect();
        let mut file = FileWriter::new(KIND, VERSION, serde_json::Value::Null);
        file.section("starts", &self.starts).section("dims", &self.dims).section("values", &self.values);
        file.section("list-dims", &list_dims).section("list-starts", &list_starts);
        file.section("list-items", &items).section("list-values", &values);
        Weights::of(file.finish()?)
    }
}

impl Weights {
    pub fn open(path: &Path, verify: Verify, items: usize) -> Result<Self, StoreError> {
        let opened = Self::of(IndexFile::open(path, KIND, VERSION, verify)?)?;
        let starts = opened.file.get(opened.starts);
        let ends = |starts: &[u32], len: usize| starts.is_sorted() && starts.last().is_some_and(|l| *l as usize == len);
        let whole = starts.len() == items + 1
            && ends(starts, opened.dims.len())
            && opened.dims.len() == opened.values.len()
            && opened.list_items.len() == opened.list_values.len()
            && opened.list_starts.len() == opened.list_dims.len() + 1
            && ends(opened.file.get(opened.list_starts), opened.list_items.len());
        if whole {
            Ok(opened)
        } else {
            Err(StoreError::damaged(path, format!("does not hold the vectors of {items} items")))
        }
    }

    fn of(file: IndexFile) -> Result<Self, FileError> {
        Ok(Self {
            starts: file.region("starts")?,
            dims: file.region("dims")?,
            values: file.region("values")?,
            list_dims: file.region("list-dims")?,
            list_starts: file.region("list-starts")?,
            list_items: file.region("list-items")?,
            list_values: file.region("list-values")?,
            file,
        })
    }

    /// Writes it; who writes a segment syncs all its files together.
    pub fn write(&self, path: &Path) -> Result<(), FileError> {
        self.file.write(path)
    }

    /// An item's vector; empty when it has none.
    pub fn of_item(&self, item: u32) -> (&[u32], &[f32]) {
        let starts = self.file.get(self.starts);
        let range = starts[item as usize] as usize..starts[item as usize + 1] as usize;
        (&self.file.get(self.dims)[range.clone()], &self.file.get(self.values)[range])
    }

    /// How many items have a dimension.
    pub fn frequency(&self, dim: u32) -> usize {
        self.list(dim).0.len()
    }

    fn list(&self, dim: u32) -> (&[u32], &[f32]) {
        let Ok(at) = self.file.get(self.list_dims).binary_search(&dim) else { return (&[], &[]) };
        let starts = self.file.get(self.list_starts);
        let range = starts[at] as usize..starts[at + 1] as usize;
        (&self.file.get(self.list_items)[range.clone()], &self.file.get(self.list_values)[range])
    }

    /// The best `k` items that share a dimension with the query and that `only` lets through.
    pub fn search(&self, query: &[(u32, f32)], k: usize, only: &dyn Fn(u32) -> bool) -> Vec<Hit> {
        let items = self.starts.len() - 1;
        let (mut scores, mut met) = (vec![0.0f32; items], vec![false; items]);
        let mut order = Vec::new();
        for (dim, weight) in query {
            let (list, values) = self.list(*dim);
            for (item, value) in list.iter().zip(values) {
                let at = *item as usize;
                if at >= items {
                    continue;
                }
                scores[at] += weight * value;
                if !std::mem::replace(&mut met[at], true) {
                    order.push(*item);
                }
            }
        }
        let mut best = TopK::new(k);
        order.into_iter().filter(|i| only(*i)).for_each(|i| _ = best.push(i, scores[i as usize]));
        best.into_sorted()
    }

    /// The score of one item; NaN when it has no vector.
    pub fn score(&self, query: &[(u32, f32)], item: u32) -> f32 {
        let (dims, values) = self.of_item(item);
        if dims.is_empty() {
            return f32::NAN;
        }
        let part = |(dim, weight): &(u32, f32)| dims.binary_search(dim).map_or(0.0, |at| weight * values[at]);
        query.iter().map(part).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vectors_come_back_and_are_found() {
        let mut builder = WeightsBuilder::default();
        builder.push(&[3, 9], &[1.0, 0.5]);
        builder.push(&[], &[]);
        builder.push(&[9, 4_000_000_000], &[2.0, -1.0]);
        assert_eq!(builder.get(0), (&[3, 9][..], &[1.0, 0.5][..]));
        assert_eq!(builder.get(1), (&[][..], &[][..]));
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.weights");
        builder.finish().unwrap().write(&path).unwrap();
        let weights = Weights::open(&path, Verify::All, 3).unwrap();
        assert_eq!(weights.of_item(2), (&[9, 4_000_000_000][..], &[2.0, -1.0][..]));
        assert_eq!((weights.frequency(9), weights.frequency(8)), (2, 0));
        let query = [(3, 2.0), (9, 1.0)];
        let hits = weights.search(&query, 10, &|_| true);
        assert_eq!(hits.iter().map(|h| (h.id, h.score)).collect::<Vec<_>>(), [(0, 2.5), (2, 2.0)]);
        assert_eq!(weights.search(&query, 10, &|i| i == 2).len(), 1);
        assert_eq!(weights.score(&query, 0), 2.5);
        assert!(weights.score(&query, 1).is_nan());
        assert!(Weights::open(&path, Verify::All, 4).is_err());
    }
}
