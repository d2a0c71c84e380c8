//! The space of responses as a grid of cells, and how far each cell is from a set of cells.

use vectory_core::VectorsRef;

/// A box cut into equal cells, `per_axis` along each axis.
#[derive(Clone, Debug, PartialEq)]
pub struct Grid {
    low: Vec<f64>,
    width: Vec<f64>,
    per_axis: usize,
}

impl Grid {
    /// A grid around rows of responses, with a margin of a tenth of their range on each side.
    pub(super) fn around(y: VectorsRef<'_>, per_axis: usize) -> Self {
        let mut low = vec![f64::INFINITY; y.dim()];
        let mut high = vec![f64::NEG_INFINITY; y.dim()];
        for row in y.iter() {
            for ((l, h), v) in low.iter_mut().zip(&mut high).zip(row) {
                *l = l.min(f64::from(*v));
                *h = h.max(f64::from(*v));
            }
        }
        let range: Vec<f64> = low.iter().zip(&high).map(|(l, h)| (h - l).max(1e-9)).collect();
        low.iter_mut().zip(&range).for_each(|(l, r)| *l -= 0.1 * r);
        let width = range.iter().map(|r| 1.2 * r / per_axis as f64).collect();
        Self { low, width, per_axis }
    }

    /// How many cells.
    #[must_use]
    pub fn cells(&self) -> usize {
        self.per_axis.pow(self.low.len() as u32)
    }

    /// Cells along each axis.
    #[must_use]
    pub fn per_axis(&self) -> usize {
        self.per_axis
    }

    /// The area (volume) of a cell.
    #[must_use]
    pub fn cell_area(&self) -> f64 {
        self.width.iter().product()
    }

    /// The middle of a cell.
    #[must_use]
    pub fn middle(&self, cell: usize) -> Vec<f64> {
        let mut rest = cell;
        let mut out = vec![0.0; self.low.len()];
        for (axis, o) in out.iter_mut().enumerate().rev() {
            *o = self.low[axis] + (rest % self.per_axis) as f64 * self.width[axis] + 0.5 * self.width[axis];
            rest /= self.per_axis;
        }
        out
    }

    /// The cell that holds a response (or the nearest, where it lies outside of the grid).
    #[must_use]
    pub fn cell(&self, y: &[f32]) -> usize {
        y.iter().enumerate().fold(0, |cell, (axis, v)| {
            let at = ((f64::from(*v) - self.low[axis]) / self.width[axis]).floor();
            cell * self.per_axis + at.clamp(0.0, (self.per_axis - 1) as f64) as usize
        })
    }

    /// A field over the cells at a response: between the middles around it, each axis linearly; outside of the grid, its value at
    /// the border and the way there, in cells. So responses within one cell do not tie.
    pub(super) fn between(&self, field: &[f32], y: &[f32]) -> f32 {
        let (axes, last) = (self.low.len(), (self.per_axis - 1) as f64);
        let place: Vec<f64> = (0..axes).map(|a| (f64::from(y[a]) - self.low[a]) / self.width[a] - 0.5).collect();
        let inner: Vec<f64> = place.iter().map(|p| p.clamp(0.0, last)).collect();
        let beyond: f64 = place.iter().zip(&inner).map(|(p, i)| (p - i).powi(2)).sum();
        let corner = |bits: usize| {
            let (mut weight, mut cell) = (1.0, 0);
            for (axis, p) in inner.iter().enumerate() {
                let below = p.floor().min(last - 1.0);
                let up = bits >> axis & 1;
                weight *= if up == 1 { p - below } else { 1.0 - (p - below) };
                cell = cell * self.per_axis + below as usize + up;
            }
            weight * f64::from(field[cell])
        };
        ((0..1 << axes).map(corner).sum::<f64>() + beyond.sqrt()) as f32
    }

    /// The signed distance of each cell to the region, in cells: how far outside, or minus how far inside. An empty region is
    /// farther than any cell.
    pub(super) fn signed(&self, inside: &[bool]) -> Vec<f32> {
        let out = self.squared_distance(inside);
        let within = self.squared_distance(&inside.iter().map(|i| !i).collect::<Vec<_>>());
        out.iter().zip(&within).map(|(o, w)| if *o > 0.0 { o.sqrt() } else { -w.sqrt() } as f32).collect()
    }

    /// Squared Euclidean distance of each cell to the nearest of the set, exact, one axis after the other (Felzenszwalb and
    /// Huttenlocher 2012). O(cells · axes).
    fn squared_distance(&self, set: &[bool]) -> Vec<f64> {
        let far = (4 * self.per_axis * self.per_axis * self.low.len()) as f64;
        let mut field: Vec<f64> = set.iter().map(|s| if *s { 0.0 } else { far }).collect();
        let n = self.per_axis;
        for axis in 0..self.low.len() {
            let stride = n.pow((self.low.len() - 1 - axis) as u32);
            let mut line = vec![0.0; n];
            for start in (0..field.len()).filter(|i| (i / stride).is_multiple_of(n)) {
                (0..n).for_each(|i| line[i] = field[start + i * stride]);
                let done = envelope(&line);
                (0..n).for_each(|i| field[start + i * stride] = done[i]);
            }
        }
        field
    }
}

/// min over j of (i - j)² + f(j), for every i: the lower envelope of parabolas.
fn envelope(f: &[f64]) -> Vec<f64> {
    let n = f.len();
    let (mut at, mut from) = (vec![0usize; n], vec![0.0f64; n + 1]);
    let mut k = 0;
    (from[0], from[1]) = (f64::NEG_INFINITY, f64::INFINITY);
    let square = |i: usize| (i * i) as f64;
    for q in 1..n {
        loop {
            let p = at[k];
            let cross = ((f[q] + square(q)) - (f[p] + square(p))) / (2 * (q - p)) as f64;
            if cross <= from[k] && k > 0 {
                k -= 1;
                continue;
            }
            k += 1;
            at[k] = q;
            from[k] = cross;
            from[k + 1] = f64::INFINITY;
            break;
        }
    }
    let mut k = 0;
    (0..n)
        .map(|i| {
            while from[k + 1] < i as f64 {
                k += 1;
            }
            (i as f64 - at[k] as f64).powi(2) + f[at[k]]
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use vectory_core::Vectors;

    #[test]
    fn distances_are_those_of_trying_all_cells() {
        let y = Vectors::from_slice(&[0.0, 0.0, 1.0, 2.0], 2).unwrap();
        let grid = Grid::around(y.view(), 9);
        let inside: Vec<bool> = (0..81).map(|c| c % 9 > 5 && c / 9 < 4 || c == 60).collect();
        let found = grid.signed(&inside);
        let place = |c: usize| ((c / 9) as f64, (c % 9) as f64);
        for c in 0..81 {
            let least = |wanted: bool| {
                let all = (0..81).filter(|o| inside[*o] == wanted).map(place);
                all.map(|p| (p.0 - place(c).0).hypot(p.1 - place(c).1)).fold(f64::INFINITY, f64::min)
            };
            let want = if inside[c] { -least(false) } else { least(true) };
            assert!((f64::from(found[c]) - want).abs() < 1e-5, "cell {c}: {} {want}", found[c]);
        }
        assert!(grid.signed(&[false; 81]).iter().all(|d| *d > 12.0), "an empty region is far from everything");
    }

    #[test]
    fn a_field_is_itself_at_middles_and_straight_between() {
        let y = Vectors::from_slice(&[0.0, 0.0, 1.0, 2.0], 2).unwrap();
        let grid = Grid::around(y.view(), 9);
        let field: Vec<f32> = (0..81).map(|c| (c / 9) as f32 * 2.0 - (c % 9) as f32).collect();
        let at = |v: [f64; 2]| grid.between(&field, &v.map(|v| v as f32));
        let middle = |c| <[f64; 2]>::try_from(grid.middle(c)).unwrap();
        for cell in [0, 13, 44, 80] {
            assert!((at(middle(cell)) - field[cell]).abs() < 1e-4, "cell {cell}");
        }
        let (a, b) = (middle(13), middle(13 + 9));
        let third = [a[0] + (b[0] - a[0]) / 3.0, a[1]];
        assert!((at(third) - (field[13] + 2.0 / 3.0)).abs() < 1e-4);
        let out = [a[0], grid.middle(8)[1] + 3.0 * grid.width[1]];
        assert!((at(out) - (field[17] + 3.0)).abs() < 1e-3, "three cells beyond the border");
    }

    #[test]
    fn a_cell_holds_its_middle() {
        let y = Vectors::from_slice(&[0.0, -5.0, 2.0, 1.0, 7.0, 3.0], 3).unwrap();
        let grid = Grid::around(y.view(), 7);
        for cell in [0, 5, 100, 342] {
            let middle: Vec<f32> = grid.middle(cell).iter().map(|v| *v as f32).collect();
            assert_eq!(grid.cell(&middle), cell);
        }
        assert_eq!(grid.cell(&[-1e9, -1e9, -1e9]), 0);
        assert!(
            (grid.cell_area() * grid.cells() as f64 - 1.728 * 12.0).abs() < 1e-6,
            "the grid is a fifth larger along each axis"
        );
    }
}
