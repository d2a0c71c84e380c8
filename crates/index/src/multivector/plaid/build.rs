//! Lists of documents by centroid, and of centroids by document.

use vectory_core::Context;
use vectory_core::repr::MultiRef;

use super::PlaidParams;
use super::model::Plaid;
use crate::file::FileWriter;
use crate::multivector::{StoreError, TokenCodec, TokenStore};

impl Plaid {
    /// Writes the sections of an index into a file; returns what [`Plaid::of`] needs to read them.
    pub(in crate::multivector) fn write(
        documents: MultiRef<'_>,
        params: &PlaidParams,
        file: &mut FileWriter,
        ctx: &Context,
    ) -> Result<serde_json::Value, StoreError> {
        if !matches!(params.store.codec, TokenCodec::Residual { .. }) {
            let value = params.store.codec.to_string();
            return Err(StoreError::Param { field: "codec", value, range: "residual codes: R1, R2 or R4" });
        }
        // Written apart first: the lists are made of what the store says.
        let store = TokenStore::build(documents, &params.store, ctx)?;
        let described = store.copy_to(file);
        let (mut ends, mut own) = (Vec::with_capacity(store.len()), Vec::new());
        let mut lists = vec![Vec::new(); store.centroids().rows()];
        for d in 0..store.len() {
            let mut ids = store.parts(d).ids.to_vec();
            ids.sort_unstable();
            ids.dedup();
            ids.iter().for_each(|c| lists[*c as usize].push(d as u32));
            own.extend_from_slice(&ids);
            ends.push(own.len() as u64);
        }
        let list_ends: Vec<u64> = lists
            .iter()
            .scan(0, |end, l| {
                *end += l.len() as u64;
                Some(*end)
            })
            .collect();
        file.section("own", &own);
        file.section("own ends", &ends);
        file.section("lists", &lists.concat());
        file.section("list ends", &list_ends);
        Ok(described)
    }
}
