//! The making of a map.

use std::time::Instant;

use vectory_core::{Context, Metric};
use vectory_space::Live;

use super::groups::{find_groups, name_groups, regions};
use super::places::places;
use super::state::PlacedMap;

/// Makes the map of a view and keeps it beside the space; an error is one sentence.
pub(super) fn make(live: &Live, view: &str, ctx: &Context) -> Result<PlacedMap, String> {
    let start = Instant::now();
    let space = live.space();
    let generation = space.manifest().generation;
    ctx.progress().begin("reading rows", None, "rows");
    let (passages, rows) = space.rows(view).map_err(|e| e.to_string())?;
    if passages.is_empty() {
        return Err(format!("view `{view}` has no rows yet"));
    }
    let given = space.recipe().view(view).and_then(|v| v.given.as_ref()).map(|g| g.distance);
    let metric = if given == Some(Metric::L2) { Metric::L2 } else { Metric::Cosine };
    let places = places(&rows, metric, ctx)?;
    ctx.check().map_err(|e| e.to_string())?;
    ctx.progress().begin("finding groups", None, "points");
    let groups = find_groups(&places, ctx)?;
    ctx.progress().begin("naming groups", None, "groups");
    let names = name_groups(space, &passages, &groups)?;
    let regions = regions(&places, &groups, names);
    let groups = groups.into_iter().map(|g| g.unwrap_or(u32::MAX)).collect();
    let seconds = start.elapsed().as_secs_f64();
    let map = PlacedMap { view: view.to_owned(), generation, seconds, passages, places, groups, regions };
    // A folder that cannot be written to still has its map, until the server stops.
    let _ = map.save(live);
    Ok(map)
}
