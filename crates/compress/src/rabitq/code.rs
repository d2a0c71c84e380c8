//! Codes of more than one bit: the grid point whose direction is nearest to the row's.

/// Scales that are tried: shares of the one at which the largest value just fits.
const SCALES: usize = 24;
/// Rounds in which each value may move by one.
const ROUNDS: usize = 2;

/// Codes of `bits` bits whose offsets `code − (2^bits − 1) / 2` point most nearly as `row` does. The top bit is the sign.
pub(super) fn grid(row: &[f32], bits: u8, codes: &mut Vec<u8>) {
    let half = 1i32 << (bits - 1);
    let largest = row.iter().fold(0.0f32, |m, v| m.max(v.abs()));
    let mut sizes = vec![0u8; row.len()];
    if bits > 1 && largest > 0.0 {
        let full = half as f32 / largest;
        let tried = (0..SCALES).map(|i| full * (0.3 + 0.75 * i as f32 / (SCALES - 1) as f32));
        let best = tried.map(|t| (cosine(row, t, half), t)).max_by(|a, b| a.0.total_cmp(&b.0));
        if let Some((_, t)) = best {
            sizes.iter_mut().zip(row).for_each(|(s, v)| *s = size(*v, t, half) as u8);
            improve(row, half, &mut sizes);
        }
    }
    codes.clear();
    codes.extend(row.iter().zip(&sizes).map(|(v, s)| {
        let s = i32::from(*s);
        (if *v >= 0.0 { half + s } else { half - 1 - s }) as u8
    }));
}

/// The step that a value falls in.
fn size(v: f32, scale: f32, half: i32) -> i32 {
    ((v.abs() * scale) as i32).min(half - 1)
}

/// ⟨u, row⟩ / |u| for the grid point at this scale.
fn cosine(row: &[f32], scale: f32, half: i32) -> f32 {
    let (mut dot, mut square) = (0.0, 0.0);
    for v in row {
        let u = size(*v, scale, half) as f32 + 0.5;
        dot += u * v.abs();
        square += u * u;
    }
    dot / square.sqrt()
}

/// Moves single values up or down while that brings the direction nearer.
fn improve(row: &[f32], half: i32, sizes: &mut [u8]) {
    let u = |s: u8| f64::from(s) + 0.5;
    let mut dot: f64 = row.iter().zip(&*sizes).map(|(v, s)| f64::from(v.abs()) * u(*s)).sum();
    let mut square: f64 = sizes.iter().map(|s| u(*s) * u(*s)).sum();
    for _ in 0..ROUNDS {
        for (v, s) in row.iter().zip(&mut *sizes) {
            for step in [1i32, -1] {
                let next = i32::from(*s) + step;
                if !(0..half).contains(&next) {
                    continue;
                }
                let (new, old) = (f64::from(next) + 0.5, u(*s));
                let (d, q) = (dot + f64::from(v.abs()) * (new - old), square + new * new - old * old);
                if d * d * square > dot * dot * q {
                    (*s, dot, square) = (next as u8, d, q);
                    break;
                }
            }
        }
    }
}
