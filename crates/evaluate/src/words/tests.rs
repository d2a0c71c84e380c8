//! Scores on made-up words, against values found by hand.

use super::*;
use vectory_core::{Context, Vectors};
use vectory_learn::vocabulary::Vocabulary;
use vectory_learn::words::{Unknown, WordSpace};

/// Four countries and their capitals: countries at random places, capitals one step along an axis of their own.
fn space() -> WordSpace<'static> {
    let places = [[3.0, 0.2, 0.0], [0.1, 3.0, 0.0], [-3.0, 0.5, 0.0], [0.3, -3.0, 0.0]];
    let (mut words, mut rows) = (Vec::new(), Vec::new());
    for (i, p) in places.iter().enumerate() {
        words.push(format!("land{i}"));
        rows.push(p.to_vec());
        words.push(format!("city{i}"));
        rows.push(vec![p[0], p[1], 3.0]);
    }
    let rows = Vectors::from_rows(rows.iter().map(Vec::as_slice)).unwrap();
    WordSpace::new(Vocabulary::new(words.iter().map(|w| (w.as_str(), 1))), rows, None)
}

fn file(text: &str) -> (tempfile::TempDir, std::path::PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("set.txt");
    fs_err::write(&path, text).unwrap();
    (dir, path)
}

#[test]
fn analogies_are_answered_and_counted() {
    let (_dir, path) = file(
        ": capitals\nland0 city0 land1 city1\nLand2 city2 land3 city3\nland0 city0 nowhere city1\nbad line\n: gram1\nland0 city0 land1 city2\n",
    );
    let set = Questions::read(&path).unwrap();
    assert_eq!(set.skipped, 1);
    let got = analogies(&space(), &set, 100, &Context::new(1, 2).unwrap()).unwrap();
    let capitals = &got.sections[0];
    // These countries lie opposite to each other, where 3CosMul divides by nearly nothing: its answers are tested elsewhere.
    assert_eq!((capitals.questions, capitals.asked, capitals.add), (3, 2, 2));
    assert_eq!((got.syntactic.asked, got.syntactic.add), (1, 0));
    assert_eq!((got.all.asked, got.all.add, got.candidates), (3, 2, 8));
    // Answers beyond the first words do not count.
    assert_eq!(analogies(&space(), &set, 2, &Context::new(1, 1).unwrap()).unwrap().all.asked, 0);
    let g = geometry::geometry(&space(), &set, 1).unwrap();
    assert!(g.parallel > g.shuffled + 0.3, "{g:?}");
}

#[test]
fn similarities_state_their_coverage() {
    let (_dir, path) = file(
        "# made up\nword1 word2 score\nland0 city0 9\nland0 land2 1\nland1\tland3\t0.5\nland0 city1 4\nland0 lande1 2\n",
    );
    let set = Pairs::read(&path).unwrap();
    assert_eq!((set.pairs.len(), set.skipped), (5, 1));
    let s = similarity(&space(), "made", &set, Unknown::Skip, 1);
    assert_eq!((s.pairs, s.scored, s.made), (5, 4, 0));
    assert!(s.spearman.unwrap() > 0.7);
    let (low, high) = s.interval.unwrap();
    assert!(low <= s.spearman.unwrap() && s.spearman.unwrap() <= high);
    let s = similarity(&space(), "made", &set, Unknown::Spelling, 1);
    assert_eq!((s.scored, s.made), (5, 1));
}

#[test]
fn empty_sets_are_refused_by_name() {
    let (_dir, path) = file("\n\n");
    for e in [Pairs::read(&path).err().unwrap(), Questions::read(&path).err().unwrap()] {
        assert!(e.to_string().contains("set.txt"), "{e}");
    }
}
