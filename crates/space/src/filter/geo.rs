//! Places on the earth and areas that hold them.

use super::Cell;

/// A place, in degrees.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Place {
    /// East is positive.
    pub lon: f64,
    /// North is positive.
    pub lat: f64,
}

/// An area.
#[derive(Clone, Debug, PartialEq)]
pub enum Area {
    /// Between two meridians and two parallels; may cross the 180th meridian.
    Box {
        /// North-west corner.
        top_left: Place,
        /// South-east corner.
        bottom_right: Place,
    },
    /// All within so many metres.
    Circle {
        /// Centre.
        center: Place,
        /// Metres.
        radius: f64,
    },
    /// Inside a ring and outside of others.
    Polygon {
        /// The ring; its last place is its first.
        exterior: Vec<Place>,
        /// Holes.
        interiors: Vec<Vec<Place>>,
    },
}

/// Mean radius of the earth in metres.
const EARTH: f64 = 6_371_008.8;

impl Place {
    /// The place that an object `{"lon": …, "lat": …}` is.
    #[must_use]
    pub fn of(cell: &Cell) -> Option<Self> {
        let Cell::Object(o) = cell else { return None };
        let place = Self { lon: o.get("lon")?.as_f64()?, lat: o.get("lat")?.as_f64()? };
        (place.lon.abs() <= 180.0 && place.lat.abs() <= 90.0).then_some(place)
    }

    /// Metres along the great circle (haversine).
    #[must_use]
    pub fn distance(self, other: Self) -> f64 {
        let (a, b) = (self.lat.to_radians(), other.lat.to_radians());
        let (dlat, dlon) = (b - a, (other.lon - self.lon).to_radians());
        let h = (dlat / 2.0).sin().powi(2) + a.cos() * b.cos() * (dlon / 2.0).sin().powi(2);
        2.0 * EARTH * h.sqrt().min(1.0).asin()
    }
}

impl Area {
    /// Whether the place lies in it.
    #[must_use]
    pub fn holds(&self, p: Place) -> bool {
        match self {
            Self::Box { top_left, bottom_right } => {
                let lon = if top_left.lon <= bottom_right.lon {
                    p.lon >= top_left.lon && p.lon <= bottom_right.lon
                } else {
                    p.lon >= top_left.lon || p.lon <= bottom_right.lon
                };
                lon && p.lat <= top_left.lat && p.lat >= bottom_right.lat
            }
            Self::Circle { center, radius } => center.distance(p) <= *radius,
            Self::Polygon { exterior, interiors } => in_ring(exterior, p) && !interiors.iter().any(|r| in_ring(r, p)),
        }
    }
}

/// Whether a ray to the east crosses the ring an odd number of times.
fn in_ring(ring: &[Place], p: Place) -> bool {
    let crosses = |w: &[Place]| {
        let (a, b) = (w[0], w[1]);
        (a.lat > p.lat) != (b.lat > p.lat) && p.lon < (b.lon - a.lon) * (p.lat - a.lat) / (b.lat - a.lat) + a.lon
    };
    ring.windows(2).filter(|w| crosses(w)).count() % 2 == 1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(lon: f64, lat: f64) -> Place {
        Place { lon, lat }
    }

    #[test]
    fn berlin_is_near_potsdam_and_far_from_paris() {
        let (berlin, potsdam, paris) = (at(13.4050, 52.5200), at(13.0645, 52.3906), at(2.3522, 48.8566));
        assert!((berlin.distance(paris) / 1000.0 - 877.5).abs() < 2.0);
        let circle = Area::Circle { center: berlin, radius: 30_000.0 };
        assert!(circle.holds(potsdam) && !circle.holds(paris));
        let germany = Area::Box { top_left: at(5.9, 55.1), bottom_right: at(15.0, 47.3) };
        assert!(germany.holds(berlin) && !germany.holds(paris));
    }

    #[test]
    fn boxes_cross_the_date_line_and_polygons_have_holes() {
        let pacific = Area::Box { top_left: at(170.0, 10.0), bottom_right: at(-170.0, -10.0) };
        assert!(pacific.holds(at(179.0, 0.0)) && pacific.holds(at(-175.0, 0.0)) && !pacific.holds(at(0.0, 0.0)));
        let square = |r: f64| vec![at(-r, -r), at(r, -r), at(r, r), at(-r, r), at(-r, -r)];
        let frame = Area::Polygon { exterior: square(2.0), interiors: vec![square(1.0)] };
        assert!(frame.holds(at(1.5, 0.0)) && !frame.holds(at(0.0, 0.0)) && !frame.holds(at(3.0, 0.0)));
    }
}
