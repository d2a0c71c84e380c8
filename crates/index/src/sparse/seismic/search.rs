//! Lists, summaries, items.

use vectory_core::repr::SparseRef;
use vectory_core::{Hit, TopK};

use super::Seismic;
use super::model::{ItemDims, ListRef};
use super::product::{self, Product, SHORT};
use crate::graph::prefetch;
use crate::sparse::SparseSearchParams;

/// What a search needs and the next one uses again.
pub struct Buffers {
    product: Product,
    /// The query, a value a dimension.
    query: Vec<f32>,
    /// The last search that scored each item.
    scored: Vec<u32>,
    search: u32,
    /// The product of each block's summary.
    blocks: Vec<f32>,
    /// The blocks that may be read, the most promising first.
    order: Vec<(f32, u32)>,
}

impl Default for Buffers {
    fn default() -> Self {
        Self {
            product: product::best(),
            query: Vec::new(),
            scored: Vec::new(),
            search: 0,
            blocks: Vec::new(),
            order: Vec::new(),
        }
    }
}

impl Seismic {
    /// The best items that are found, by inner products with the weights in 16 bits.
    #[must_use]
    pub fn search(&self, query: SparseRef<'_>, params: &SparseSearchParams<'_>) -> Vec<Hit> {
        let width = self.described.width;
        let mut terms: Vec<(u32, f32)> = query.dims.iter().copied().zip(query.weights.iter().copied()).collect();
        terms.retain(|(d, w)| *d < width && *w > 0.0 && w.is_finite());
        if terms.is_empty() || params.k == 0 {
            return Vec::new();
        }
        self.buffers.with(|b| {
            b.query.resize((width as usize).max(SHORT), 0.0);
            b.scored.resize(self.len(), 0);
            b.search = b.search.wrapping_add(1);
            if b.search == 0 {
                b.scored.fill(0);
                b.search = 1;
            }
            terms.iter().for_each(|(d, w)| b.query[*d as usize] = *w * self.described.step);
            let mut heavy = terms.clone();
            heavy.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
            let mut top = TopK::new(params.k);
            for (dim, _) in heavy.iter().take(params.query_cut.max(1)) {
                self.visit(self.list(*dim as usize), &terms, params, b, &mut top);
            }
            terms.iter().for_each(|(d, _)| b.query[*d as usize] = 0.0);
            top.into_sorted().into_iter().filter(|h| h.score > 0.0).collect()
        })
    }

    /// Scores the items of the blocks of one list that may hold a better one.
    fn visit(
        &self,
        list: ListRef<'_>,
        terms: &[(u32, f32)],
        params: &SparseSearchParams<'_>,
        b: &mut Buffers,
        top: &mut TopK,
    ) {
        summaries(list, terms, &mut b.blocks);
        b.order.clear();
        // A block must come so near the k-th best score; before there are k, any will do.
        let floor = |top: &TopK| {
            if top.threshold().is_finite() { params.heap_factor * top.threshold() } else { f32::NEG_INFINITY }
        };
        let start = floor(top);
        b.order.extend(
            b.blocks.iter().zip(0..).filter(|(bound, _)| **bound >= start).map(|(bound, block)| (*bound, block)),
        );
        // The most promising first: they raise the threshold for the others.
        b.order.sort_unstable_by(|x, y| y.0.total_cmp(&x.0).then(x.1.cmp(&y.1)));
        for at in 0..b.order.len() {
            let (bound, block) = (b.order[at].0, b.order[at].1 as usize);
            if bound < floor(top) {
                break;
            }
            let first = if block == 0 { 0 } else { list.ends[block - 1] as usize };
            let items = &list.items[first..list.ends[block] as usize];
            for (at, item) in items.iter().enumerate() {
                if let Some(next) = items.get(at + 1) {
                    self.fetch(*next as usize);
                }
                let i = *item as usize;
                if b.scored[i] != b.search {
                    b.scored[i] = b.search;
                    if params.filter.is_none_or(|f| f(*item)) {
                        let score = self.score(i, b);
                        if score >= top.threshold() {
                            top.push(*item, score);
                        }
                    }
                }
            }
        }
    }

    /// Brings an item near before it is scored.
    fn fetch(&self, i: usize) {
        let (dims, weights) = self.item(i);
        weights.iter().step_by(32).for_each(prefetch);
        match dims {
            ItemDims::Short(d) => d.iter().step_by(32).for_each(prefetch),
            ItemDims::Long(d) => d.iter().step_by(16).for_each(prefetch),
        }
    }

    fn score(&self, i: usize, b: &Buffers) -> f32 {
        match (self.item(i), <&[f32; SHORT]>::try_from(&b.query[..])) {
            ((ItemDims::Short(dims), weights), Ok(query)) => (b.product)(dims, weights, query),
            // Short dimensions always come with a query of that width.
            ((ItemDims::Short(_), _), Err(_)) => 0.0,
            ((ItemDims::Long(dims), weights), _) => product::long(dims, weights, &b.query),
        }
    }
}

/// The query times the summary of every block. Both sides ascend by dimension.
fn summaries(list: ListRef<'_>, terms: &[(u32, f32)], out: &mut Vec<f32>) {
    out.clear();
    out.resize(list.ends.len(), 0.0);
    let mut from = 0;
    for (dim, weight) in terms {
        from += list.dims[from..].partition_point(|d| d < dim);
        if list.dims.get(from) != Some(dim) {
            continue;
        }
        let first = if from == 0 { 0 } else { list.dim_ends[from - 1] as usize };
        let range = first..list.dim_ends[from] as usize;
        let weight = weight * list.step;
        for (block, code) in list.blocks[range.clone()].iter().zip(&list.codes[range]) {
            out[usize::from(*block)] += weight * f32::from(*code);
        }
    }
}
