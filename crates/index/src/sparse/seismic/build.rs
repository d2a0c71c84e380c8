//! Building and laying out.

use rayon::prelude::*;
use vectory_core::Context;
use vectory_core::repr::SparseSet;

use super::SeismicParams;
use super::cluster::{self, List};
use super::model::{Described, KIND, Seismic, VERSION};
use crate::file::FileWriter;
use crate::sparse::SparseError;

impl Seismic {
    /// An index of all items. The same seed gives the same index for any number of threads.
    ///
    /// # Errors
    /// [`SparseError::Weight`] for a negative weight, [`SparseError::Param`], or when interrupted.
    pub fn build(set: &SparseSet, params: &SeismicParams, ctx: &Context) -> Result<Self, SparseError> {
        params.check()?;
        check(set)?;
        let width = set.width();
        let mut postings: Vec<Vec<(u32, f32)>> = vec![Vec::new(); width as usize];
        for (i, item) in set.iter().enumerate() {
            item.dims.iter().zip(item.weights).for_each(|(d, w)| postings[*d as usize].push((i as u32, *w)));
        }
        let one = |(dim, postings): (usize, Vec<(u32, f32)>)| {
            ctx.check()?;
            let empty = postings.is_empty();
            Ok::<_, SparseError>(if empty {
                List::default()
            } else {
                cluster::list(dim as u32, postings, set, params, ctx.seed)
            })
        };
        let lists: Vec<List> =
            ctx.pool().install(|| postings.into_par_iter().enumerate().map(one).collect::<Result<_, _>>())?;
        let mut file = FileWriter::new(KIND, VERSION, serde_json::Value::Null);
        let step = items(set, width, &mut file);
        blocks(&lists, &mut file);
        file.describe(serde_json::json!(Described { items: set.len(), width, step, params: *params }));
        Ok(Self::of(file.finish()?)?)
    }
}

fn check(set: &SparseSet) -> Result<(), SparseError> {
    for (i, item) in set.iter().enumerate() {
        if let Some((dim, weight)) = item.dims.iter().zip(item.weights).find(|(_, w)| !(**w >= 0.0 && w.is_finite())) {
            return Err(SparseError::Weight { item: i, dim: *dim, weight: *weight });
        }
    }
    Ok(())
}

/// The items as they are scored: dimensions, and weights in 16 bits of one step, which is returned.
fn items(set: &SparseSet, width: u32, file: &mut FileWriter) -> f32 {
    let top = set.iter().flat_map(|i| i.weights.iter().copied()).fold(0.0f32, f32::max);
    let step = if top > 0.0 { top / 65535.0 } else { 1.0 };
    let mut ends = Vec::with_capacity(set.len());
    let (mut dims, mut weights) = (Vec::with_capacity(set.entries()), Vec::with_capacity(set.entries()));
    for item in set.iter() {
        dims.extend_from_slice(item.dims);
        weights.extend(item.weights.iter().map(|w| (w / step).round().min(65535.0) as u16));
        ends.push(dims.len() as u64);
    }
    file.section("item ends", &ends);
    if width <= 1 << 16 {
        file.section("item dims", &dims.iter().map(|d| *d as u16).collect::<Vec<u16>>());
    } else {
        file.section("item dims", &dims);
    }
    file.section("item weights", &weights);
    step
}

/// The lists one after another, each kind of number in a section of its own.
fn blocks(lists: &[List], file: &mut FileWriter) {
    let ends = |count: fn(&List) -> usize| {
        lists
            .iter()
            .scan(0u64, |end, l| {
                *end += count(l) as u64;
                Some(*end)
            })
            .collect::<Vec<u64>>()
    };
    file.section("list items", &ends(|l| l.items.len()));
    file.section("list blocks", &ends(|l| l.ends.len()));
    file.section("list dims", &ends(|l| l.dims.len()));
    file.section("list entries", &ends(|l| l.entries.len()));
    file.section("list steps", &lists.iter().map(|l| l.step).collect::<Vec<f32>>());
    file.section("items", &lists.iter().flat_map(|l| l.items.iter().copied()).collect::<Vec<u32>>());
    file.section("block ends", &lists.iter().flat_map(|l| l.ends.iter().copied()).collect::<Vec<u32>>());
    file.section("summary dims", &lists.iter().flat_map(|l| l.dims.iter().map(|d| d.0)).collect::<Vec<u32>>());
    file.section("summary ends", &lists.iter().flat_map(|l| l.dims.iter().map(|d| d.1)).collect::<Vec<u32>>());
    file.section("summary blocks", &lists.iter().flat_map(|l| l.entries.iter().map(|e| e.0)).collect::<Vec<u16>>());
    file.section("summary codes", &lists.iter().flat_map(|l| l.entries.iter().map(|e| e.1)).collect::<Vec<u8>>());
}
