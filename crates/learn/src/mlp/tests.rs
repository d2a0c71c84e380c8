//! Gradients against finite differences, a function learned, dropout.

use vectory_core::rng;

use super::*;

/// Half the sum of squares of the outputs.
fn loss(net: &Mlp, x: &[f32]) -> f64 {
    net.forward(x).output().iter().map(|o| 0.5 * f64::from(*o) * f64::from(*o)).sum()
}

#[test]
fn gradients_are_those_of_finite_differences() {
    let x: Vec<f32> = (0..15).map(|i| ((i * 7 % 11) as f32 - 5.0) / 4.0).collect();
    for activation in [Activation::Relu, Activation::Silu] {
        let mut net = Mlp::new(&[3, 6, 5, 2], activation, 3);
        let tape = net.forward(&x);
        let (gradient, of_input) = net.backward(&tape, tape.output());
        assert_eq!(of_input.len(), x.len());
        for i in (0..net.parameters.len()).step_by(7) {
            let h = 1e-2;
            let at = net.parameters[i];
            net.parameters[i] = at + h;
            let up = loss(&net, &x);
            net.parameters[i] = at - h;
            let down = loss(&net, &x);
            net.parameters[i] = at;
            let want = (up - down) / (2.0 * f64::from(h));
            let got = f64::from(gradient[i]);
            assert!((got - want).abs() < 2e-2 * (1.0 + want.abs()), "{activation:?} {i}: {got}, expected {want}");
        }
        for i in [0, 7, 14] {
            let mut moved = x.clone();
            moved[i] += 1e-2;
            let up = loss(&net, &moved);
            moved[i] -= 2e-2;
            let want = (up - loss(&net, &moved)) / 2e-2;
            assert!((f64::from(of_input[i]) - want).abs() < 2e-2 * (1.0 + want.abs()), "input {i}");
        }
    }
}

#[test]
fn the_loss_falls_and_seeds_repeat() {
    let x: Vec<f32> = (0..128).map(|i| (i as f32 / 64.0) - 1.0).collect();
    let run = || {
        let mut net = Mlp::new(&[1, 24, 24, 1], Activation::Relu, 5);
        let mut adam = Adam::new(&net, 0.01);
        let error = |o: &[f32]| o.iter().zip(&x).map(|(o, x)| (o - (3.0 * x).sin()).powi(2)).sum::<f32>() / 128.0;
        let first = error(net.forward(&x).output());
        for _ in 0..600 {
            let tape = net.forward(&x);
            let slope: Vec<f32> =
                tape.output().iter().zip(&x).map(|(o, x)| 2.0 * (o - (3.0 * x).sin()) / 128.0).collect();
            let (gradient, _) = net.backward(&tape, &slope);
            adam.step(&mut net, &gradient);
        }
        (first, error(net.forward(&x).output()), net)
    };
    let (first, last, net) = run();
    assert!(last < 0.01 && last < first / 20.0, "{first} to {last}");
    assert_eq!(net, run().2);
}

#[test]
fn dropout_keeps_the_mean_and_repeats() {
    let mut net = Mlp::new(&[2, 400, 1], Activation::Relu, 1);
    let x = [0.5, -1.0];
    let plain = net.forward(&x).output()[0];
    net.dropout = 0.3;
    let mut r = rng::stream(1, "test");
    let mean = (0..600).map(|_| net.forward_dropout(&x, &mut r).output()[0]).sum::<f32>() / 600.0;
    assert!((mean - plain).abs() < 0.1 * (1.0 + plain.abs()), "{mean}, {plain}");
    let again = net.forward_dropout(&x, &mut rng::stream(2, "test")).output()[0];
    assert_eq!(again, net.forward_dropout(&x, &mut rng::stream(2, "test")).output()[0]);
}
