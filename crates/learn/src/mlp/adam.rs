//! Adam.

use super::Mlp;

const FIRST: f32 = 0.9;
const SECOND: f32 = 0.999;

/// The state of a net's training.
#[derive(Clone, Debug)]
pub struct Adam {
    /// Length of a step; may be changed between steps.
    pub rate: f32,
    /// Decoupled shrinking of the parameters a step, times `rate` (Loshchilov and Hutter 2019); 0 by default.
    pub decay: f32,
    mean: Vec<f32>,
    square: Vec<f32>,
    steps: i32,
}

impl Adam {
    /// For a net, at a rate above 0.
    #[must_use]
    pub fn new(net: &Mlp, rate: f32) -> Self {
        let n = net.parameters.len();
        Self { rate, decay: 0.0, mean: vec![0.0; n], square: vec![0.0; n], steps: 0 }
    }

    /// One step along a gradient of the net's parameters. A gradient that is not finite is left out.
    pub fn step(&mut self, net: &mut Mlp, gradient: &[f32]) {
        if !gradient.iter().all(|g| g.is_finite()) {
            return;
        }
        self.steps += 1;
        let (one, two) = (1.0 - FIRST.powi(self.steps), 1.0 - SECOND.powi(self.steps));
        let state = self.mean.iter_mut().zip(&mut self.square);
        for ((p, g), (m, s)) in net.parameters.iter_mut().zip(gradient).zip(state) {
            *m = FIRST * *m + (1.0 - FIRST) * g;
            *s = SECOND * *s + (1.0 - SECOND) * g * g;
            *p -= self.rate * (*m / one / ((*s / two).sqrt() + 1e-8) + self.decay * *p);
        }
    }
}
