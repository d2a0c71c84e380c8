use vectory_core::{Context, Vectors, rng};

use super::*;
use rand::RngExt;

fn random(rows: usize, dim: usize, seed: u64) -> Vectors {
    let mut r = rng::stream(seed, "net.tests");
    let mut out = Vectors::zeros(rows, dim);
    out.as_mut_slice().iter_mut().for_each(|v| *v = r.random_range(-1.0..1.0));
    out
}

/// Largest difference of a gradient from central differences, over its own size.
fn wrong(net: &mut Net, gradients: &[Vec<f32>], loss: &dyn Fn(&Net) -> f64) -> f64 {
    let (mut worst, step) = (0.0f64, 1e-3f32);
    for p in 0..gradients.len() {
        let largest = gradients[p].iter().fold(1e-3f64, |m, g| m.max(f64::from(g.abs())));
        for i in (0..gradients[p].len()).step_by(7) {
            let was = net.parameters()[p][i];
            net.parameters()[p][i] = was + step;
            let up = loss(net);
            net.parameters()[p][i] = was - step;
            let down = loss(net);
            net.parameters()[p][i] = was;
            worst = worst.max(((up - down) / f64::from(2.0 * step) - f64::from(gradients[p][i])).abs() / largest);
        }
    }
    worst
}

#[test]
fn products_and_turns() {
    let ctx = Context::new(0, 2).unwrap();
    let (a, b) = (random(150, 37, 1), random(41, 37, 2));
    let c = product(&a, &b, &ctx);
    let plain: f32 = a.row(149).iter().zip(b.row(40)).map(|(x, y)| x * y).sum();
    assert!((c.row(149)[40] - plain).abs() < 1e-4 && (c.rows(), c.dim()) == (150, 41));
    let t = transposed(&c);
    assert!((t.rows(), t.dim()) == (41, 150) && t.row(40)[149] == c.row(149)[40]);
}

#[test]
fn gradients_are_those_of_central_differences() {
    let ctx = Context::new(0, 1).unwrap();
    let mut r = rng::stream(3, "net.tests");
    let x = random(24, 6, 4);
    let labels: Vec<u32> = (0..24).map(|i| i % 3).collect();
    let mut net = Net::mlp(&[6, 9, 3], &[Layer::Relu], &mut r);
    let (out, trace) = net.forward(x.clone(), &ctx);
    let (_, g) = net.backward(&trace, cross_entropy(out, &labels).1, &ctx);
    let loss = |n: &Net| cross_entropy(n.apply(&x, &ctx), &labels).0.iter().sum::<f64>() / 24.0;
    assert!(wrong(&mut net, &g, &loss) < 0.02);

    // A projector below Barlow's loss: norms everywhere, two views.
    let layers = vec![
        Layer::dense(6, 5, false, &mut r),
        Layer::dense(5, 8, false, &mut r),
        Layer::Norm,
        Layer::Relu,
        Layer::dense(8, 7, false, &mut r),
        Layer::Norm,
    ];
    let mut net = Net { layers };
    let y = random(24, 6, 5);
    let ((a, ta), (b, tb)) = (net.forward(x.clone(), &ctx), net.forward(y.clone(), &ctx));
    let (_, ga, gb) = barlow(&a, &b, 0.05, &ctx);
    let ((_, mut g), (_, h)) = (net.backward(&ta, ga, &ctx), net.backward(&tb, gb, &ctx));
    g.iter_mut().zip(&h).for_each(|(g, h)| g.iter_mut().zip(h).for_each(|(g, h)| *g += h));
    let loss = |n: &Net| barlow(&n.apply(&x, &ctx), &n.apply(&y, &ctx), 0.05, &ctx).0;
    assert!(wrong(&mut net, &g, &loss) < 0.03);
}

#[test]
fn gradients_reach_the_input_through_smooth_layers() {
    let ctx = Context::new(0, 1).unwrap();
    let x = random(5, 3, 8);
    let mut net = Net::mlp(&[3, 6, 5, 2], &[Layer::Silu], &mut rng::stream(3, "net.tests"));
    let loss =
        |n: &Net, x: &Vectors| n.apply(x, &ctx).as_slice().iter().map(|o| 0.5 * f64::from(*o).powi(2)).sum::<f64>();
    let (out, trace) = net.forward(x.clone(), &ctx);
    let (at_input, g) = net.backward(&trace, out, &ctx);
    assert!(wrong(&mut net, &g, &|n| loss(n, &x)) < 0.02);
    for i in [0, 7, 14] {
        let moved = |by: f32| {
            let mut x = x.clone();
            x.as_mut_slice()[i] += by;
            loss(&net, &x)
        };
        let want = (moved(1e-2) - moved(-1e-2)) / 2e-2;
        assert!((f64::from(at_input.as_slice()[i]) - want).abs() < 2e-2 * (1.0 + want.abs()), "input {i}");
    }
}

#[test]
fn dropout_keeps_the_mean_repeats_and_goes_back_through_its_mask() {
    let ctx = Context::new(0, 1).unwrap();
    let between = [Layer::Relu, Layer::Dropout(0.3)];
    let mut net = Net::mlp(&[2, 400, 1], &between, &mut rng::stream(1, "net.tests"));
    let x = || table(&[0.5, -1.0], 2);
    let plain = net.apply_here(&[0.5, -1.0], 2).row(0)[0];
    let mut r = rng::stream(1, "test");
    let mean = (0..600).map(|_| net.forward_dropout(x(), &mut r, &ctx).0.row(0)[0]).sum::<f32>() / 600.0;
    assert!((mean - plain).abs() < 0.1 * (1.0 + plain.abs()), "{mean}, {plain}");
    let once = |net: &Net| net.forward_dropout(x(), &mut rng::stream(2, "test"), &ctx);
    let (out, trace) = once(&net);
    assert_eq!(out.as_slice(), once(&net).0.as_slice());
    let (_, g) = net.backward(&trace, table(&[1.0], 1), &ctx);
    assert!(wrong(&mut net, &g, &|n| f64::from(once(n).0.row(0)[0])) < 0.02);
}

#[test]
fn parameters_come_and_go_and_a_broken_gradient_moves_nothing() {
    let ctx = Context::new(0, 1).unwrap();
    let mut a = Net::mlp(&[4, 5, 2], &[Layer::Relu], &mut rng::stream(1, "net.tests"));
    let mut b = Net::mlp(&[4, 5, 2], &[Layer::Relu], &mut rng::stream(2, "net.tests"));
    assert_ne!(a.flat(), b.flat());
    b.set_flat(&a.flat());
    assert_eq!(a.flat(), b.flat());
    let mut gradients: Vec<Vec<f32>> = a.parameters().iter().map(|p| vec![0.0; p.len()]).collect();
    let mut adam = Adam::new(0.1);
    adam.decay = 0.5;
    gradients[0][3] = f32::NAN;
    adam.step(a.parameters(), &gradients, &ctx);
    assert_eq!(a.flat(), b.flat());
    gradients[0][3] = 0.0;
    adam.step(a.parameters(), &gradients, &ctx);
    assert!(a.flat().iter().zip(b.flat()).all(|(a, b)| (a - 0.95 * b).abs() < 1e-6));
}

#[test]
fn a_classifier_learns_what_no_line_parts_and_threads_do_not_matter() {
    let x = random(600, 2, 6);
    let labels: Vec<u32> = x.iter().map(|r| u32::from(r[0] * r[1] > 0.0)).collect();
    let params = Classifier { hidden: vec![32], epochs: 60, batch: 32, rate: 1e-2 };
    let train = |threads| classifier(x.view(), &labels, 2, &params, &Context::new(1, threads).unwrap()).unwrap();
    let (one, two) = (train(1), train(2));
    let out = one.apply(&x, &Context::new(1, 1).unwrap());
    let right = out.iter().zip(&labels).filter(|(r, l)| u32::from(r[1] > r[0]) == **l).count();
    assert!(right > 570, "{right}");
    assert_eq!(out.as_slice(), two.apply(&x, &Context::new(1, 1).unwrap()).as_slice());
}
