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
    let mut net = Net::mlp(&[6, 9, 3], &mut r);
    let (out, trace) = net.forward(x.clone(), &ctx);
    let (_, g) = net.backward(&trace, cross_entropy(out, &labels).1, &ctx);
    let loss = |n: &Net| cross_entropy(n.apply(&x, &ctx), &labels).0;
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
