//! Adam (Kingma and Ba 2015).

use rayon::prelude::*;
use vectory_core::Context;

const FIRST: f32 = 0.9;
const SECOND: f32 = 0.999;
/// Values that a task steps.
const PART: usize = 1 << 14;
/// Values of a table from which on threads pay.
const WIDE: usize = 1 << 16;

/// Running means of gradients and of their squares.
pub struct Adam {
    /// Step size.
    pub rate: f32,
    /// Decoupled shrinking of the parameters a step, times `rate` (Loshchilov and Hutter 2019); 0 at first.
    pub decay: f32,
    steps: i32,
    means: Vec<[Vec<f32>; 2]>,
}

impl Adam {
    /// Nothing seen yet.
    #[must_use]
    pub fn new(rate: f32) -> Self {
        Self { rate, decay: 0.0, steps: 0, means: Vec::new() }
    }

    /// Moves every parameter against its gradient; gradients of which one is not finite are left out.
    ///
    /// # Panics
    /// When the parameters are not those of the steps before.
    pub fn step(&mut self, parameters: Vec<&mut [f32]>, gradients: &[Vec<f32>], ctx: &Context) {
        if self.means.is_empty() {
            self.means = parameters.iter().map(|p| [vec![0.0; p.len()], vec![0.0; p.len()]]).collect();
        }
        assert_eq!(parameters.len(), gradients.len(), "a gradient for each parameter");
        if !gradients.iter().flatten().all(|g| g.is_finite()) {
            return;
        }
        self.steps += 1;
        let rate = self.rate * (1.0 - SECOND.powi(self.steps)).sqrt() / (1.0 - FIRST.powi(self.steps));
        let (shrink, wide) = (self.rate * self.decay, gradients.iter().any(|g| g.len() >= WIDE));
        let one = |(((p, g), m), v): (((&mut f32, &f32), &mut f32), &mut f32)| {
            *m = FIRST * *m + (1.0 - FIRST) * g;
            *v = SECOND * *v + (1.0 - SECOND) * g * g;
            *p -= rate * *m / (v.sqrt() + 1e-8) + shrink * *p;
        };
        let all = parameters.into_iter().zip(gradients).zip(&mut self.means);
        if !wide || ctx.threads() == 1 {
            all.for_each(|((p, g), [m, v])| p.iter_mut().zip(g).zip(m).zip(v).for_each(one));
            return;
        }
        ctx.pool().install(|| {
            for ((p, g), [m, v]) in all {
                let parts = p
                    .par_chunks_mut(PART)
                    .zip(g.par_chunks(PART))
                    .zip(m.par_chunks_mut(PART))
                    .zip(v.par_chunks_mut(PART));
                parts.for_each(|(((p, g), m), v)| p.iter_mut().zip(g).zip(m).zip(v).for_each(one));
            }
        });
    }
}
