//! The factorization of one cluster's products.

use vectory_core::{Vectors, VectorsRef, simd};
use vectory_linalg::{Mat, add_gram, eigen_symmetric, matmul, matmul_tn, mirror};

use crate::bytes::{self, COLUMNS};

/// What is added to the moments of the queries, as a part of their mean: no direction is left without any.
const RIDGE: f64 = 1e-3;

/// Two maps into r values, whose product estimates that of a query and a row, both relative to the centroid.
pub struct Factors {
    /// Bytes: r columns over the inputs of a query.
    pub turn: Vec<u8>,
    pub turn_step: f32,
    /// What moves a query's values to the centroid; padded to blocks.
    pub shifts: Vec<f32>,
    /// Bytes: a column of r values for each row.
    pub codes: Vec<u8>,
    pub step: f32,
}

/// The best factors of rank `rank` for `points` under `queries`, both relative to the centroid `centre`.
///
/// With the moments C = L Lᵀ of the queries and S of the points, the products regress best on the directions U of largest
/// eigenvalue of Lᵀ S L: a query becomes Uᵀ L⁻¹ q, a point Uᵀ Lᵀ x.
pub fn factorize(
    points: VectorsRef<'_>,
    queries: VectorsRef<'_>,
    centre: &[f32],
    rank: usize,
) -> Result<Factors, vectory_linalg::Error> {
    let inputs = centre.len();
    let root = cholesky(&ridged(moments(queries)?));
    let weighted = matmul_tn(&root, &matmul(&moments(points)?, &root)?)?;
    let vectors = eigen_symmetric(&weighted)?.vectors;
    let (mut to_query, mut to_point) = (Vectors::zeros(rank, inputs), Vectors::zeros(rank, inputs));
    for j in 0..rank {
        from_f64(&solve_left(&root, vectors.row(j)), to_query.row_mut(j));
        from_f64(&times_transposed(&root, vectors.row(j)), to_point.row_mut(j));
    }
    Ok(rounded(points, centre, &mut to_query, &to_point))
}

/// The maps and the points' values in bytes. Each of the r values is scaled to the same size on the points' side.
fn rounded(points: VectorsRef<'_>, centre: &[f32], to_query: &mut Vectors, to_point: &Vectors) -> Factors {
    let (rank, inputs) = (to_query.rows(), centre.len());
    let mut values = Vectors::zeros(points.rows(), rank);
    for i in 0..points.rows() {
        simd::rows(simd::Op::Dot, points.row(i), to_point.as_slice(), values.row_mut(i));
    }
    for j in 0..rank {
        let largest = values.iter().fold(0.0f32, |m, v| m.max(v[j].abs()));
        let down = if largest > f32::MIN_POSITIVE * 1e6 { 1.0 / largest } else { 0.0 };
        (0..values.rows()).for_each(|i| values.row_mut(i)[j] *= down);
        to_query.row_mut(j).iter_mut().for_each(|v| *v *= largest);
    }
    let mut turn = vec![0; bytes::size(inputs, rank)];
    let turn_step = bytes::pack(to_query.as_slice(), inputs, &mut turn);
    let mut codes = vec![0; bytes::size(rank, points.rows())];
    let step = bytes::pack(values.as_slice(), rank, &mut codes);
    // By the rounded map, so that its error is only that of the way from the centroid.
    let mut shifts = vec![0.0; rank.next_multiple_of(COLUMNS)];
    for (j, shift) in shifts[..rank].iter_mut().enumerate() {
        let up = if turn_step > 0.0 { 1.0 / turn_step } else { 0.0 };
        let row = to_query.row(j).iter().map(|v| bytes::round_to_i32(v * up) as f32 * turn_step);
        *shift = -row.zip(centre).map(|(t, c)| t * c).sum::<f32>();
    }
    Factors { turn, turn_step, shifts, codes, step }
}

/// Second moments about the centroid.
fn moments(rows: VectorsRef<'_>) -> Result<Mat, vectory_linalg::Error> {
    let mut sum = Mat::zeros(rows.dim(), rows.dim());
    let x = Mat::from_fn(rows.rows(), rows.dim(), |i, j| f64::from(rows.row(i)[j]));
    if rows.rows() > 0 {
        add_gram(&mut sum, &x)?;
    }
    mirror(&mut sum);
    sum.data.iter_mut().for_each(|v| *v /= rows.rows().max(1) as f64);
    Ok(sum)
}

fn ridged(mut moments: Mat) -> Mat {
    let n = moments.rows;
    let mean = (0..n).map(|i| moments.at(i, i)).sum::<f64>() / n.max(1) as f64;
    let add = if mean > 0.0 { RIDGE * mean } else { 1.0 };
    (0..n).for_each(|i| moments.row_mut(i)[i] += add);
    moments
}

/// The lower triangle L of a positive definite matrix L Lᵀ.
fn cholesky(a: &Mat) -> Mat {
    let n = a.rows;
    let mut l = Mat::zeros(n, n);
    for i in 0..n {
        for j in 0..=i {
            let along: f64 = l.row(i)[..j].iter().zip(&l.row(j)[..j]).map(|(x, y)| x * y).sum();
            let rest = a.at(i, j) - along;
            // A ridge was added: only rounding could make this 0.
            l.row_mut(i)[j] = if i == j { rest.max(f64::MIN_POSITIVE).sqrt() } else { rest / l.at(j, j) };
        }
    }
    l
}

/// The row t with t L = u.
fn solve_left(root: &Mat, u: &[f64]) -> Vec<f64> {
    let mut t = u.to_vec();
    for k in (0..t.len()).rev() {
        t[k] /= root.at(k, k);
        let value = t[k];
        t[..k].iter_mut().zip(&root.row(k)[..k]).for_each(|(t, l)| *t -= value * l);
    }
    t
}

/// The row u Lᵀ.
fn times_transposed(root: &Mat, u: &[f64]) -> Vec<f64> {
    (0..u.len()).map(|i| root.row(i)[..=i].iter().zip(u).map(|(l, u)| l * u).sum()).collect()
}

fn from_f64(values: &[f64], out: &mut [f32]) {
    out.iter_mut().zip(values).for_each(|(o, v)| *o = *v as f32);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bytes::{ByteMatrix, ByteRow};
    use crate::testing::clusters;

    #[test]
    fn all_directions_give_the_product() {
        let (points, queries) = (clusters(40, 12, 1), clusters(90, 12, 2));
        let centre = vec![0.3f32; 12];
        let f = factorize(points.view(), queries.view(), &centre, 12).unwrap();
        for q in queries.iter().take(5) {
            // A query from outside is not relative to the centroid yet.
            let outside: Vec<f32> = q.iter().zip(&centre).map(|(q, c)| q + c).collect();
            let (mut row, mut turned) = (ByteRow::default(), vec![0.0; 12]);
            row.set(&outside);
            ByteMatrix { bytes: &f.turn, biases: &f.shifts, step: f.turn_step }.by(&row, 1.0, 0.0).all(&mut turned);
            row.set(&turned);
            let (none, mut scores) = (vec![0.0; 48], vec![0.0; 40]);
            ByteMatrix { bytes: &f.codes, biases: &none, step: f.step }.by(&row, 1.0, 0.0).all(&mut scores);
            for (p, s) in points.iter().zip(&scores) {
                assert!((simd::dot(p, q) - s).abs() < 0.06 * simd::norm(p) * simd::norm(q), "{s}");
            }
        }
    }

    #[test]
    fn the_root_is_one() {
        let rows = clusters(60, 7, 3);
        let c = ridged(moments(rows.view()).unwrap());
        let l = cholesky(&c);
        for i in 0..7 {
            let unit: Vec<f64> = (0..7).map(|j| f64::from(u8::from(i == j))).collect();
            // Row i of L Lᵀ, and of L⁻¹ L.
            let along = times_transposed(&l, l.row(i));
            assert!(along.iter().zip(c.row(i)).all(|(a, b)| (a - b).abs() < 1e-12));
            let back = solve_left(&l, &unit);
            let again: Vec<f64> = (0..7).map(|j| (0..7).map(|k| back[k] * l.at(k, j)).sum()).collect();
            assert!(again.iter().zip(&unit).all(|(a, b): (&f64, &f64)| (a - b).abs() < 1e-9));
        }
    }
}
