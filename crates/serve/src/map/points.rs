//! Points as bytes.
//!
//! ```text
//! "VMAP" · version u32 · n u32 · length of the head u32 · head (JSON, padded to 4) · x f32[n] · y f32[n] · passage u32[n] · colour u16[n]
//! ```
//!
//! All little-endian. With `?only=colour` the head is followed by the colours alone. A colour is the number of a group that the
//! head names; 65535 is none.

use serde_json::json;
use vectory_inspect::map::Field;
use vectory_space::Space;

use super::state::PlacedMap;
use crate::app::App;
use crate::error::ApiError;
use crate::native::filter;
use crate::route::{Call, Reply, with_body};

const NONE: u16 = u16::MAX;
const BYTES: &str = "application/octet-stream";

pub(super) fn points(app: &App, call: &Call) -> Result<Reply, ApiError> {
    let live = call.collection(app)?;
    let map = app.maps.get(call.param("collection"), &live)?;
    let only = match call.query.get("only").map(String::as_str) {
        None => false,
        Some("colour") => true,
        Some(other) => {
            return Err(ApiError::bad(format!(
                "Wrong input: query parameter `only` is `{other}`; `colour` is expected"
            )));
        }
    };
    let (field, colours) = match call.query.get("colour").map(String::as_str) {
        None | Some("" | "region") => by_region(&map),
        Some(name) => by_field(live.space(), &map, name)?,
    };
    let head = json!({"name": field.name, "groups": field.groups, "scale": field.scale, "points": map.passages.len()});
    Ok(Reply::Bytes(BYTES, encode(&map, &head.to_string(), &colours, only)))
}

fn by_region(map: &PlacedMap) -> (Field, Vec<u16>) {
    let field = Field {
        name: "region".into(),
        groups: map.regions.iter().map(|r| r.name.clone()).collect(),
        ..Field::default()
    };
    (field, map.groups.iter().map(|g| u16::try_from(*g).unwrap_or(NONE)).collect())
}

fn by_field(space: &Space, map: &PlacedMap, name: &str) -> Result<(Field, Vec<u16>), ApiError> {
    let values = space.values_of(&map.passages, name)?;
    let field = Field::of_values(name, &values);
    let colours = field.of.iter().map(|g| u16::try_from(*g).unwrap_or(NONE)).collect();
    Ok((field, colours))
}

fn encode(map: &PlacedMap, head: &str, colours: &[u16], only: bool) -> Vec<u8> {
    let n = map.passages.len();
    let padded = head.len().next_multiple_of(4);
    let mut out = Vec::with_capacity(16 + padded + 14 * n);
    out.extend_from_slice(b"VMAP");
    for number in [1, n as u32, padded as u32] {
        out.extend_from_slice(&number.to_le_bytes());
    }
    out.extend_from_slice(head.as_bytes());
    out.resize(16 + padded, b' ');
    if !only {
        for axis in 0..2 {
            map.places.iter().for_each(|p| out.extend_from_slice(&p[axis].to_le_bytes()));
        }
        map.passages.iter().for_each(|p| out.extend_from_slice(&p.to_le_bytes()));
    }
    colours.iter().for_each(|c| out.extend_from_slice(&c.to_le_bytes()));
    out
}

/// A bit for each point, the lowest of a byte first.
pub(super) fn matching(app: &App, call: &Call) -> Result<Reply, ApiError> {
    let live = call.collection(app)?;
    let map = app.maps.get(call.param("collection"), &live)?;
    let wanted = with_body(call, |at| {
        at.only(&["filter"])?;
        filter(at)?.ok_or_else(|| at.error("`filter` is missing").into())
    })?;
    let holds = live.space().matching(&map.passages, &wanted)?;
    let byte = |eight: &[bool]| eight.iter().enumerate().fold(0u8, |b, (i, on)| b | u8::from(*on) << i);
    Ok(Reply::Bytes(BYTES, holds.chunks(8).map(byte).collect()))
}

#[cfg(test)]
mod tests {
    use vectory_core::Vectors;

    use super::*;

    #[test]
    fn a_point_is_fourteen_bytes() {
        let map = PlacedMap {
            view: "v".into(),
            generation: 1,
            seconds: 0.0,
            passages: vec![7, 9],
            places: Vectors::from_slice(&[0.5, -0.5, 1.0, 0.0], 2).unwrap(),
            groups: vec![0, u32::MAX],
            regions: vec![],
        };
        let (field, colours) = by_region(&map);
        assert_eq!((field.name.as_str(), colours.as_slice()), ("region", &[0, NONE][..]));
        let bytes = encode(&map, "{\"a\":1}", &colours, false);
        assert_eq!(bytes.len(), 16 + 8 + 28);
        assert_eq!(&bytes[..8], b"VMAP\x01\0\0\0");
        assert_eq!(f32::from_le_bytes(bytes[28..32].try_into().unwrap()), 1.0);
        assert_eq!(u32::from_le_bytes(bytes[40..44].try_into().unwrap()), 7);
        assert_eq!(encode(&map, "{}", &colours, true).len(), 16 + 4 + 4);
    }
}
