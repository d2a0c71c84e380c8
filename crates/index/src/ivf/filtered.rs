//! Searching lists for the rows of a set.
//!
//! Where few pass, the rows of a list are asked whether they do, and only those are scored. Where they are fewer than what it costs to
//! go through the lists, they are scored by their places, and no list is gone through.

use std::ops::Range;

use vectory_compress::{AnyQuery, Codec};
use vectory_core::{Hit, Metric, RowSet, simd};

use super::model::Body;
use super::search::{BLOCK, IvfSearcher, Scratch};
use crate::coded::one_by_one;
use crate::coded::pick::Picker;
use crate::search::{FEW_PASS, SearchParams};

/// A row that is scored by its place costs as much as asking so many rows of a list whether they pass.
const ASKED: usize = 12;

/// How the rows of a set are found.
#[derive(Clone, Copy)]
pub(super) enum Few<'a> {
    /// They are many: lists are scored whole.
    No,
    /// In the lists, one by one.
    InLists(&'a RowSet),
    /// Without the lists.
    Scan(&'a RowSet),
}

impl<'a> Few<'a> {
    /// The cheapest way for a set, where so many lists would be looked into.
    pub fn of(searcher: &IvfSearcher<'_>, set: &'a RowSet, nprobe: usize) -> Self {
        let ivf = searcher.ivf;
        let bytes = match &ivf.body {
            Body::Rows(_) => 4 * ivf.dim(),
            Body::Codes(codes, _) => codes.codes().layout().primary,
        };
        if set.len() <= FEW_PASS.max(ivf.rows() / ASKED * nprobe / ivf.lists()) {
            Self::Scan(set)
        } else if set.len() * one_by_one(bytes) <= ivf.rows() {
            Self::InLists(set)
        } else {
            Self::No
        }
    }
}

impl IvfSearcher<'_> {
    /// The best places of a set.
    pub(super) fn scan_set(
        &self,
        query: &[f32],
        scratch: &mut Scratch,
        set: &RowSet,
        params: &SearchParams<'_>,
    ) -> Vec<Hit> {
        if !self.exact() {
            self.score_lists(query, &mut scratch.lists);
        }
        let all = self.places.get_or_init(|| {
            let mut places = vec![u32::MAX; self.ivf.rows()];
            for (place, id) in (0..).zip(self.ivf.ids()).filter(|(_, id)| **id != u32::MAX) {
                places[*id as usize] = place;
            }
            places
        });
        let stands = |id: u32| all.get(id as usize).copied().filter(|place| *place != u32::MAX);
        let places: Vec<u32> = set.iter().filter_map(stands).collect();
        let (mut best, mut scores) = (self.picker(params), [0.0; BLOCK]);
        for some in places.chunks(BLOCK) {
            let scores = &mut scores[..some.len()];
            self.some(query, &scratch.query, some, |place| scratch.lists[self.ivf.list_of(place)], scores);
            best.offer(scores, |i| Some(some[i]));
        }
        best.into_best()
    }

    /// Offers the places of a part of a list, at most [`BLOCK`], whose rows are in the set.
    pub(super) fn offer_passing(
        &self,
        query: &[f32],
        scratch: &Scratch,
        (list, places): (usize, Range<usize>),
        set: &RowSet,
        best: &mut Picker,
    ) {
        let (mut some, mut count) = ([0; BLOCK], 0);
        let ids = &self.ivf.ids()[places.clone()];
        for (place, id) in (places.start as u32..).zip(ids) {
            some[count] = place;
            count += usize::from(set.has(*id));
        }
        let (some, mut scores) = (&some[..count], [0.0; BLOCK]);
        let scores = &mut scores[..count];
        self.some(query, &scratch.query, some, |_| scratch.lists[list], scores);
        best.offer(scores, |i| Some(some[i]));
    }

    /// Scores of places; `base` tells what each has of its list.
    fn some(&self, query: &[f32], coded: &AnyQuery, places: &[u32], base: impl Fn(u32) -> f32, out: &mut [f32]) {
        match &self.ivf.body {
            Body::Rows(rows) => {
                simd::rows_at(self.op(), query, self.ivf.values(*rows), places, out);
                if self.ivf.metric() == Metric::L2 {
                    out.iter_mut().for_each(|s| *s = -*s);
                }
            }
            Body::Codes(codes, biases) => {
                places.iter().for_each(|place| codes.codes().prefetch(*place));
                codes.codec().scores(coded, codes.codes(), places, out);
                let (biases, factor) = (self.ivf.values(*biases), self.factor());
                for (s, place) in out.iter_mut().zip(places) {
                    *s = base(*place) + factor * *s + biases[*place as usize];
                }
            }
        }
    }
}
