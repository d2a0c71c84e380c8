//! The changes that can be asked for.

use vectory_core::Context;
use vectory_io::documents::Document;

use crate::filter::Filter;
use crate::point::{Given, PayloadChange, Point};
use crate::search::Space;
use crate::store::PayloadIndex;
use crate::write::{WriteError, Writer};

/// Which points.
#[derive(Clone, Debug)]
pub enum Selection {
    /// Those of these ids; unknown ones are passed over.
    Ids(Vec<String>),
    /// Those that a filter lets through.
    Filter(Filter),
}

/// A change.
#[derive(Clone, Debug)]
pub enum Op {
    /// Adds points or replaces them whole.
    Upsert(Vec<Point>),
    /// Adds documents or replaces them, as [`Writer::upsert`].
    Documents(Vec<Document>),
    /// Gives points other vectors in some views.
    UpdateVectors(Vec<(String, Vec<(String, Given)>)>),
    /// Takes vectors from points.
    DeleteVectors(Selection, Vec<String>),
    /// Changes payloads.
    Payload(Selection, PayloadChange),
    /// Removes points.
    Delete(Selection),
    /// Makes or drops the index of a payload field.
    Index(String, Option<PayloadIndex>),
    /// Remembers a setting of the collection.
    Setting(String, serde_json::Value),
    /// Merges all segments and gives the space of what was deleted back to the disk.
    Optimize,
    /// Several, in order.
    Batch(Vec<Op>),
}

impl Op {
    /// Whether it looks at what is committed: what waits must be committed first.
    pub(super) fn looks(&self) -> bool {
        match self {
            Self::DeleteVectors(s, _) | Self::Payload(s, _) | Self::Delete(s) => matches!(s, Selection::Filter(_)),
            Self::Batch(list) => list.iter().any(Self::looks),
            _ => false,
        }
    }

    /// Whether it rewrites segments itself: a merge that runs must end first.
    pub(super) fn rewrites(&self) -> bool {
        match self {
            Self::Optimize => true,
            Self::Batch(list) => list.iter().any(Self::rewrites),
            _ => false,
        }
    }

    /// Applies it to the open transaction; says how many points it touched. `settle` commits what waits.
    pub(super) fn apply(
        &self,
        writer: &mut Writer,
        space: &Space,
        ctx: &Context,
        settle: &mut dyn FnMut(&mut Writer) -> Result<(), WriteError>,
    ) -> Result<usize, WriteError> {
        let mut chosen = |writer: &mut Writer, selection: &Selection| match selection {
            Selection::Ids(ids) => Ok(ids.clone()),
            Selection::Filter(filter) => {
                settle(writer)?;
                space.ids(Some(filter)).map_err(|e| WriteError::Refused(e.to_string()))
            }
        };
        match self {
            Self::Upsert(points) => writer.upsert_points(points, ctx).map(|()| points.len()),
            Self::Documents(documents) => writer.upsert(documents, "", ctx).map(|c| c.documents.len()),
            Self::UpdateVectors(updates) => writer.update_vectors(updates, ctx).map(|()| updates.len()),
            Self::DeleteVectors(selection, names) => {
                let ids = chosen(writer, selection)?;
                writer.delete_vectors(&ids, names, ctx).map(|()| ids.len())
            }
            Self::Payload(selection, change) => {
                let ids = chosen(writer, selection)?;
                writer.change_payload(&ids, change)
            }
            Self::Delete(selection) => {
                let ids = chosen(writer, selection)?;
                writer.delete(&ids, ctx)
            }
            Self::Index(field, index) => {
                let (field, index) = (field.clone(), index.clone());
                writer.change_manifest(|m| match index {
                    Some(index) => _ = m.indexes.insert(field, index),
                    None => _ = m.indexes.remove(&field),
                })?;
                Ok(0)
            }
            Self::Setting(key, value) => {
                writer.change_manifest(|m| _ = m.settings.insert(key.clone(), value.clone()))?;
                Ok(0)
            }
            Self::Optimize => writer.optimize(ctx).map(|_| 0),
            Self::Batch(list) => {
                let mut points = 0;
                for op in list {
                    points += op.apply(writer, space, ctx, settle)?;
                }
                Ok(points)
            }
        }
    }
}
