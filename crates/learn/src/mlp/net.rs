//! The net: forward, backward.

use rand::RngExt;
use vectory_core::rng;
use vectory_core::rng::Rng;
use vectory_core::simd::{GemmNt, gemm_nt};

/// What follows each layer but the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Activation {
    /// max(x, 0).
    Relu,
    /// x / (1 + e^-x): smooth.
    Silu,
}

/// One layer: `outputs` × `inputs` weights, then `outputs` shifts.
#[derive(Clone, Debug, PartialEq)]
struct Layer {
    inputs: usize,
    outputs: usize,
    /// Where its parameters begin.
    at: usize,
}

/// A multilayer perceptron.
#[derive(Clone, Debug, PartialEq)]
pub struct Mlp {
    layers: Vec<Layer>,
    /// All parameters, layer after layer.
    pub parameters: Vec<f32>,
    activation: Activation,
    /// Share of hidden units that [`Mlp::forward_dropout`] silences.
    pub dropout: f32,
}

/// What a forward pass leaves for the way back.
pub struct Tape {
    rows: usize,
    /// The input of each layer, then the output of the last.
    values: Vec<Vec<f32>>,
    /// Before the activation, of each layer but the last.
    before: Vec<Vec<f32>>,
    /// 0 or 1 / (1 - dropout) for each hidden unit, where there was dropout.
    kept: Vec<Vec<f32>>,
}

impl Tape {
    /// rows × outputs.
    #[must_use]
    pub fn output(&self) -> &[f32] {
        self.values.last().map_or(&[], Vec::as_slice)
    }

    /// The input of the last layer: the representation that the net has learned.
    #[must_use]
    pub fn hidden(&self) -> &[f32] {
        &self.values[self.values.len() - 2]
    }
}

impl Mlp {
    /// A net of the given layer sizes (inputs, hidden …, outputs; two or more), with He's initial weights (2015).
    #[must_use]
    pub fn new(sizes: &[usize], activation: Activation, seed: u64) -> Self {
        let mut r = rng::stream(seed, "mlp");
        let (mut layers, mut parameters) = (Vec::new(), Vec::new());
        for (inputs, outputs) in sizes.windows(2).map(|w| (w[0], w[1])) {
            layers.push(Layer { inputs, outputs, at: parameters.len() });
            let bound = (6.0 / inputs.max(1) as f32).sqrt();
            parameters.extend((0..inputs * outputs).map(|_| r.random_range(-bound..bound)));
            parameters.extend(std::iter::repeat_n(0.0, outputs));
        }
        Self { layers, parameters, activation, dropout: 0.0 }
    }

    /// Values a row of input.
    #[must_use]
    pub fn inputs(&self) -> usize {
        self.layers.first().map_or(0, |l| l.inputs)
    }

    /// Values a row of output.
    #[must_use]
    pub fn outputs(&self) -> usize {
        self.layers.last().map_or(0, |l| l.outputs)
    }

    fn weights(&self, l: &Layer) -> &[f32] {
        &self.parameters[l.at..l.at + l.inputs * l.outputs]
    }

    fn shifts(&self, l: &Layer) -> &[f32] {
        let at = l.at + l.inputs * l.outputs;
        &self.parameters[at..at + l.outputs]
    }

    /// Runs rows (as many values as `inputs`, each) through the net. Panics when the length does not fit, as slices do.
    #[must_use]
    pub fn forward(&self, x: &[f32]) -> Tape {
        self.run(x, None)
    }

    /// The same with a share of the hidden units silenced at random: for training, and for Monte Carlo estimates.
    #[must_use]
    pub fn forward_dropout(&self, x: &[f32], r: &mut Rng) -> Tape {
        self.run(x, (self.dropout > 0.0).then_some(r))
    }

    fn run(&self, x: &[f32], mut r: Option<&mut Rng>) -> Tape {
        let rows = x.len() / self.inputs().max(1);
        assert_eq!(x.len(), rows * self.inputs(), "{} values are no rows of {}", x.len(), self.inputs());
        let mut tape = Tape { rows, values: vec![x.to_vec()], before: Vec::new(), kept: Vec::new() };
        for (i, l) in self.layers.iter().enumerate() {
            let mut out = vec![0.0; rows * l.outputs];
            let input = &tape.values[i];
            gemm_nt(GemmNt { a: input, b: self.weights(l), c: &mut out, m: rows, n: l.outputs, k: l.inputs });
            for row in out.chunks_exact_mut(l.outputs) {
                row.iter_mut().zip(self.shifts(l)).for_each(|(o, s)| *o += s);
            }
            if i + 1 < self.layers.len() {
                tape.before.push(out.clone());
                out.iter_mut().for_each(|v| *v = self.activation.of(*v));
                if let Some(r) = r.as_deref_mut() {
                    let scale = 1.0 / (1.0 - self.dropout);
                    let keep = |_| if r.random::<f32>() < self.dropout { 0.0 } else { scale };
                    let mask: Vec<f32> = (0..out.len()).map(keep).collect();
                    out.iter_mut().zip(&mask).for_each(|(o, m)| *o *= m);
                    tape.kept.push(mask);
                }
            }
            tape.values.push(out);
        }
        tape
    }

    /// The gradient of the parameters and of the inputs, given the loss's gradient in the outputs (rows × outputs).
    #[must_use]
    pub fn backward(&self, tape: &Tape, slope: &[f32]) -> (Vec<f32>, Vec<f32>) {
        let mut gradient = vec![0.0; self.parameters.len()];
        let mut slope = slope.to_vec();
        for (i, l) in self.layers.iter().enumerate().rev() {
            if i + 1 < self.layers.len() {
                let before = &tape.before[i];
                slope.iter_mut().zip(before).for_each(|(s, b)| *s *= self.activation.slope(*b));
                if let Some(mask) = tape.kept.get(i) {
                    slope.iter_mut().zip(mask).for_each(|(s, m)| *s *= m);
                }
            }
            let by_output = transposed(&slope, tape.rows, l.outputs);
            let by_input = transposed(&tape.values[i], tape.rows, l.inputs);
            let (weights, shifts) =
                gradient[l.at..l.at + (l.inputs + 1) * l.outputs].split_at_mut(l.inputs * l.outputs);
            gemm_nt(GemmNt { a: &by_output, b: &by_input, c: weights, m: l.outputs, n: l.inputs, k: tape.rows });
            for (s, column) in shifts.iter_mut().zip(by_output.chunks_exact(tape.rows.max(1))) {
                *s = column.iter().sum();
            }
            let turned = transposed(self.weights(l), l.outputs, l.inputs);
            let mut next = vec![0.0; tape.rows * l.inputs];
            gemm_nt(GemmNt { a: &slope, b: &turned, c: &mut next, m: tape.rows, n: l.inputs, k: l.outputs });
            slope = next;
        }
        (gradient, slope)
    }
}

impl Activation {
    fn of(self, x: f32) -> f32 {
        match self {
            Self::Relu => x.max(0.0),
            Self::Silu => x / (1.0 + (-x).exp()),
        }
    }

    fn slope(self, x: f32) -> f32 {
        match self {
            Self::Relu => f32::from(u8::from(x > 0.0)),
            Self::Silu => {
                let s = 1.0 / (1.0 + (-x).exp());
                s * (1.0 + x * (1.0 - s))
            }
        }
    }
}

/// Columns become rows.
fn transposed(values: &[f32], rows: usize, cols: usize) -> Vec<f32> {
    let mut out = vec![0.0; values.len()];
    for (i, row) in values.chunks_exact(cols.max(1)).enumerate() {
        row.iter().enumerate().for_each(|(j, v)| out[j * rows + i] = *v);
    }
    out
}
