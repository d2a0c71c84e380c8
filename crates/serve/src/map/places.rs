//! Rows to places in the plane.

use vectory_core::neighbors::exact;
use vectory_core::{Context, Hit, Metric, Vectors};
use vectory_transform::umap::{UmapParams, umap};

/// Up to so many rows are laid out themselves.
const WHOLE: usize = 200_000;
/// Of more rows, so many are laid out and the others are put among them.
const LANDMARKS: usize = 50_000;
/// A row is put among so many of its nearest landmarks.
const AMONG: usize = 4;
/// Rows that are placed between two looks at whether to stop.
const BATCH: usize = 16_384;

/// n × 2, within −1 and 1, both axes on one scale. Rows of two values are places as they are.
pub(super) fn places(rows: &Vectors, metric: Metric, ctx: &Context) -> Result<Vectors, String> {
    let said = |e: &dyn std::fmt::Display| e.to_string();
    let mut places = if rows.dim() == 2 {
        rows.clone()
    } else if rows.rows() <= WHOLE {
        ctx.progress().begin("laying out", None, "rows");
        umap(rows.view(), &UmapParams { metric, ..UmapParams::default() }, ctx).map_err(|e| said(&e))?
    } else {
        by_landmarks(rows, metric, ctx)?
    };
    fit(&mut places);
    Ok(places)
}

/// A sample is laid out; every other row lies where its nearest of the sample lie, the nearer counting more.
fn by_landmarks(rows: &Vectors, metric: Metric, ctx: &Context) -> Result<Vectors, String> {
    let step = rows.rows().div_ceil(LANDMARKS);
    let landmarks = Vectors::from_rows(rows.iter().step_by(step)).map_err(|e| e.to_string())?;
    ctx.progress().begin("laying out a sample", None, "rows");
    let map =
        umap(landmarks.view(), &UmapParams { metric, ..UmapParams::default() }, ctx).map_err(|e| e.to_string())?;
    ctx.progress().begin("placing the others", Some(rows.rows() as u64), "rows");
    let mut places = Vectors::zeros(rows.rows(), 2);
    for start in (0..rows.rows()).step_by(BATCH) {
        ctx.check().map_err(|e| e.to_string())?;
        let end = (start + BATCH).min(rows.rows());
        let near =
            exact(landmarks.view(), rows.view().slice(start, end), metric, AMONG, ctx).map_err(|e| e.to_string())?;
        for (i, hits) in (start..end).zip(&near) {
            places.row_mut(i).copy_from_slice(&among(hits, &map));
        }
        ctx.progress().advance((end - start) as u64);
    }
    for (at, place) in map.iter().enumerate() {
        places.row_mut(at * step).copy_from_slice(place);
    }
    Ok(places)
}

/// The middle of the places of these, each weighted by how much better it is than the worst.
fn among(hits: &[Hit], map: &Vectors) -> [f32; 2] {
    let worst = hits.last().map_or(0.0, |h| h.score);
    let best = hits.first().map_or(0.0, |h| h.score);
    let span = (best - worst).max(f32::MIN_POSITIVE);
    let (mut sum, mut place) = (0.0, [0.0f32; 2]);
    for hit in hits {
        let weight = 0.1 + (hit.score - worst) / span;
        let at = map.row(hit.id as usize);
        place = [place[0] + weight * at[0], place[1] + weight * at[1]];
        sum += weight;
    }
    place.map(|p| p / sum.max(f32::MIN_POSITIVE))
}

/// Moves and scales places into the square from −1 to 1.
fn fit(places: &mut Vectors) {
    let mut bounds = [[f32::INFINITY, f32::NEG_INFINITY]; 2];
    for row in places.iter() {
        for (b, v) in bounds.iter_mut().zip(row) {
            *b = [b[0].min(*v), b[1].max(*v)];
        }
    }
    let width = bounds.iter().map(|b| b[1] - b[0]).fold(f32::MIN_POSITIVE, f32::max);
    let middle = bounds.map(|b| f32::midpoint(b[0], b[1]));
    for i in 0..places.rows() {
        for (v, m) in places.row_mut(i).iter_mut().zip(middle) {
            *v = ((*v - m) * 2.0 / width).clamp(-1.0, 1.0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_of_two_values_keep_their_proportions() {
        let ctx = Context::new(1, 1).unwrap();
        let rows = Vectors::from_slice(&[0.0, 0.0, 10.0, 5.0, 5.0, 2.5], 2).unwrap();
        let placed = places(&rows, Metric::L2, &ctx).unwrap();
        assert_eq!(placed.as_slice(), [-1.0, -0.5, 1.0, 0.5, 0.0, 0.0]);
        let one = places(&Vectors::from_slice(&[3.0, 3.0], 2).unwrap(), Metric::L2, &ctx).unwrap();
        assert_eq!(one.as_slice(), [0.0, 0.0]);
    }

    #[test]
    fn a_row_lies_among_its_nearest() {
        let map = Vectors::from_slice(&[0.0, 0.0, 1.0, 0.0, 9.0, 9.0], 2).unwrap();
        let hit = |id, score| Hit { id, score };
        let place = among(&[hit(0, 1.0), hit(1, 0.5)], &map);
        assert!(place[0] > 0.0 && place[0] < 0.5 && place[1] == 0.0, "{place:?}");
        assert_eq!(among(&[hit(2, 0.3)], &map), [9.0, 9.0]);
    }
}
