//! L-BFGS (Liu and Nocedal 1989) with a line search for the strong Wolfe conditions (Nocedal and Wright 2006, chapter 3).

use std::collections::VecDeque;

/// When and how to stop.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LbfgsParams {
    /// Pairs of steps that stand for the Hessian.
    pub memory: usize,
    /// Most steps.
    pub max_iter: usize,
    /// Stops when the largest entry of the gradient is at most this.
    pub tolerance: f64,
}

impl Default for LbfgsParams {
    fn default() -> Self {
        Self { memory: 10, max_iter: 200, tolerance: 1e-5 }
    }
}

/// Where the search ended.
#[derive(Clone, Debug, PartialEq)]
pub struct Minimum {
    /// The point.
    pub x: Vec<f64>,
    /// The function there.
    pub value: f64,
    /// Steps taken.
    pub steps: usize,
    /// Whether the gradient fell below the tolerance.
    pub converged: bool,
}

const ARMIJO: f64 = 1e-4;
const CURVATURE: f64 = 0.9;
/// Evaluations that one line search may cost.
const TRIES: usize = 25;

/// Minimises a smooth function from `x`. `f(x, gradient)` fills the gradient and gives the value; its error ends the search.
///
/// # Errors
/// Those of `f`.
pub fn lbfgs<E>(
    x: Vec<f64>,
    params: LbfgsParams,
    mut f: impl FnMut(&[f64], &mut [f64]) -> Result<f64, E>,
) -> Result<Minimum, E> {
    let mut gradient = vec![0.0; x.len()];
    let value = f(&x, &mut gradient)?;
    let mut at = Point { x, value, gradient };
    let mut past: VecDeque<Pair> = VecDeque::new();
    for steps in 0..params.max_iter {
        if at.gradient.iter().all(|g| g.abs() <= params.tolerance) {
            return Ok(Minimum { x: at.x, value: at.value, steps, converged: true });
        }
        let mut direction = descent(&at.gradient, &past);
        if dot(&direction, &at.gradient) >= 0.0 {
            past.clear();
            direction = at.gradient.iter().map(|g| -g).collect();
        }
        // Without a curvature to go by, the first step has the length of at most one unit.
        let first = if past.is_empty() { (1.0 / norm(&at.gradient)).min(1.0) } else { 1.0 };
        let Some(next) = (Search { from: &at, direction: &direction, f: &mut f }).run(first)? else {
            // Not even along the gradient is there a lower point: rounding is all that is left.
            if past.is_empty() {
                return Ok(Minimum { x: at.x, value: at.value, steps, converged: false });
            }
            past.clear();
            continue;
        };
        let pair = Pair::new(&at, &next);
        if pair.curvature > 1e-12 * dot(&pair.y, &pair.y) {
            past.push_back(pair);
            if past.len() > params.memory {
                past.pop_front();
            }
        }
        at = next;
    }
    let converged = at.gradient.iter().all(|g| g.abs() <= params.tolerance);
    Ok(Minimum { x: at.x, value: at.value, steps: params.max_iter, converged })
}

struct Point {
    x: Vec<f64>,
    value: f64,
    gradient: Vec<f64>,
}

/// A step and the change of the gradient along it.
struct Pair {
    s: Vec<f64>,
    y: Vec<f64>,
    curvature: f64,
}

impl Pair {
    fn new(a: &Point, b: &Point) -> Self {
        let minus = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(x, y)| y - x).collect::<Vec<_>>();
        let (s, y) = (minus(&a.x, &b.x), minus(&a.gradient, &b.gradient));
        Self { curvature: dot(&s, &y), s, y }
    }
}

/// −H g by the two loops.
fn descent(gradient: &[f64], past: &VecDeque<Pair>) -> Vec<f64> {
    let mut q = gradient.to_vec();
    let mut weights = Vec::with_capacity(past.len());
    for p in past.iter().rev() {
        let a = dot(&p.s, &q) / p.curvature;
        add(&mut q, -a, &p.y);
        weights.push(a);
    }
    if let Some(p) = past.back() {
        let scale = p.curvature / dot(&p.y, &p.y);
        q.iter_mut().for_each(|v| *v *= scale);
    }
    for (p, a) in past.iter().zip(weights.iter().rev()) {
        let b = dot(&p.y, &q) / p.curvature;
        add(&mut q, a - b, &p.s);
    }
    q.iter_mut().for_each(|v| *v = -*v);
    q
}

struct Search<'a, F> {
    from: &'a Point,
    direction: &'a [f64],
    f: &'a mut F,
}

impl<E, F: FnMut(&[f64], &mut [f64]) -> Result<f64, E>> Search<'_, F> {
    /// A lower point that satisfies the strong Wolfe conditions (or, when the tries run out, the lowest found).
    fn run(mut self, first: f64) -> Result<Option<Point>, E> {
        let slope0 = dot(&self.from.gradient, self.direction);
        let (mut low, mut low_value, mut low_slope) = (0.0, self.from.value, slope0);
        let (mut high, mut high_value) = (f64::INFINITY, f64::NAN);
        let mut step = first;
        let mut best: Option<Point> = None;
        for _ in 0..TRIES {
            let next = self.at(step)?;
            let slope = dot(&next.gradient, self.direction);
            // Close to the minimum the values differ by rounding alone; then the slope decides (Hager and Zhang 2005).
            let level = next.value <= self.from.value + 1e-13 * self.from.value.abs();
            if level && slope.abs() <= -CURVATURE * slope0 {
                return Ok(Some(next));
            }
            let enough = next.value <= self.from.value + ARMIJO * step * slope0;
            if !enough || next.value >= low_value {
                // NaN lands here, too: the step was too long.
                (high, high_value) = (step, next.value);
            } else {
                if slope * (step - low).signum() >= 0.0 {
                    (high, high_value) = (low, low_value);
                }
                (low, low_value, low_slope) = (step, next.value, slope);
                best = Some(next);
            }
            step =
                if high.is_infinite() { 4.0 * step } else { between((low, low_value, low_slope), (high, high_value)) };
            if (high - low).abs() <= 1e-15 * low.abs().max(high.abs()) {
                break;
            }
        }
        Ok(best)
    }

    fn at(&mut self, step: f64) -> Result<Point, E> {
        let x: Vec<f64> = self.from.x.iter().zip(self.direction).map(|(x, d)| x + step * d).collect();
        let mut gradient = vec![0.0; x.len()];
        let value = (self.f)(&x, &mut gradient)?;
        Ok(Point { x, value, gradient })
    }
}

/// The minimum of the parabola through value and slope at `low` and the value at `high`, kept off the ends.
fn between(low: (f64, f64, f64), high: (f64, f64)) -> f64 {
    let width = high.0 - low.0;
    let bend = high.1 - low.1 - low.2 * width;
    let share = if bend > 0.0 { -low.2 * width / (2.0 * bend) } else { 0.5 };
    low.0 + width * if share.is_finite() { share.clamp(0.1, 0.9) } else { 0.1 }
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(x, y)| x * y).sum()
}

fn norm(a: &[f64]) -> f64 {
    dot(a, a).sqrt()
}

fn add(to: &mut [f64], scale: f64, x: &[f64]) {
    to.iter_mut().zip(x).for_each(|(t, v)| *t += scale * v);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rosenbrock_s_valley_is_followed_to_its_end() {
        let f = |x: &[f64], g: &mut [f64]| {
            let (a, b) = (1.0 - x[0], x[1] - x[0] * x[0]);
            (g[0], g[1]) = (-2.0 * a - 400.0 * x[0] * b, 200.0 * b);
            Ok::<_, ()>(a * a + 100.0 * b * b)
        };
        let params = LbfgsParams { tolerance: 1e-9, ..LbfgsParams::default() };
        let m = lbfgs(vec![-1.2, 1.0], params, f).unwrap();
        assert!(m.converged && m.steps < 60, "{m:?}");
        assert!((m.x[0] - 1.0).abs() < 1e-6 && (m.x[1] - 1.0).abs() < 1e-6, "{m:?}");
    }

    #[test]
    fn a_bad_scale_and_an_error_are_no_trouble() {
        let f = |x: &[f64], g: &mut [f64]| {
            (g[0], g[1]) = (2e8 * (x[0] - 3.0), 2e-2 * (x[1] + 5.0));
            Ok::<_, ()>(1e8 * (x[0] - 3.0).powi(2) + 1e-2 * (x[1] + 5.0).powi(2))
        };
        let m = lbfgs(vec![0.0; 2], LbfgsParams { tolerance: 1e-6, ..LbfgsParams::default() }, f).unwrap();
        assert!((m.x[0] - 3.0).abs() < 1e-6 && (m.x[1] + 5.0).abs() < 1e-3, "{m:?}");
        assert_eq!(lbfgs(vec![1.0], LbfgsParams::default(), |_, _| Err("no")).unwrap_err(), "no");
    }
}
