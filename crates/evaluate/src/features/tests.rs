//! Probes on made-up concepts.

use super::*;
use rand::RngExt;
use vectory_core::{Context, Vectors, rng};
use vectory_learn::vocabulary::Vocabulary;
use vectory_learn::words::WordSpace;

#[test]
fn a_feature_that_lies_on_an_axis_is_read_and_a_random_one_is_not() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("norms.tsv");
    let names: Vec<String> = (0..60).map(|i| format!("c{i}")).collect();
    let with =
        |f: &dyn Fn(usize) -> bool| (0..60).filter(|i| f(*i)).map(|i| names[i].clone()).collect::<Vec<_>>().join(" ");
    let text = format!(
        "# made up\naxis\tfirst\t{} c999_(odd)\naxis\tother\t{}\nnoise\trandom\t{}\nrare\tfew\tc1 c2\n",
        with(&|i| i % 3 == 0),
        with(&|i| i % 3 != 0),
        with(&|i| rng::mix(i as u64).is_multiple_of(3))
    );
    fs_err::write(&path, text).unwrap();
    let norms = Norms::read(&path).unwrap();
    let (mut rows, mut r) = (Vectors::zeros(60, 6), rng::stream(1, "t"));
    rows.as_mut_slice().iter_mut().for_each(|v| *v = r.random_range(-1.0..1.0));
    (0..60).for_each(|i| rows.row_mut(i)[2] = if i % 3 == 0 { 2.0 } else { -2.0 });
    let space = WordSpace::new(Vocabulary::new(names.iter().map(|n| (n.as_str(), 1))), rows, None);
    let got = features(&space, &norms, &ProbeParams::default(), &Context::new(1, 2).unwrap()).unwrap();
    // Concepts without any feature are not asked about; c999 has no vector.
    assert_eq!((got.concepts, got.unknown, got.rare, got.features.len()), (norms.concepts().len() - 1, 1, 1, 3));
    assert!(got.features[0].f1 > 0.95 && got.features[2].f1 < 0.7, "{:?}", got.features);
    assert!(got.classes.iter().all(|c| c.interval.0 <= c.median && c.median <= c.interval.1));
}

#[test]
fn the_built_in_norms_are_read_and_wrong_lines_are_named() {
    let norms = Norms::built_in().unwrap();
    assert!(norms.features.len() > 50 && norms.concepts().len() > 120, "{}", norms.concepts().len());
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("n.tsv");
    fs_err::write(&path, "visual\tis red\tapple\nno tabs here\n").unwrap();
    let e = Norms::read(&path).unwrap_err().to_string();
    assert!(e.contains("n.tsv:2") && e.contains("class"), "{e}");
    fs_err::write(&path, "# nothing\n").unwrap();
    assert!(Norms::read(&path).is_err());
}
