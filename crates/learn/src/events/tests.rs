//! Visits are sets; what lies behind a date is not seen.

use super::*;
use vectory_core::Vectors;

fn events(rows: &[(&str, i64, &str)]) -> Events {
    Events::new(rows.iter().map(|(a, b, c)| ((*a).to_owned(), *b, (*c).to_owned())), 1)
}

#[test]
fn codes_of_a_visit_are_equally_near_and_later_visits_less() {
    let e = events(&[
        ("p", 1, "a"),
        ("p", 1, "b"),
        ("p", 5, "c"),
        ("p", 1, "a"),
        ("q", 9, "c"),
        ("q", 1, "d"),
        ("p", 90, "d"),
    ]);
    let m = count_visits(&e.events, e.vocabulary.len(), &VisitParams { window: 1, ..VisitParams::default() }).unwrap();
    let at = |x: &str, y: &str| {
        let (i, j) = (e.vocabulary.id(x).unwrap(), e.vocabulary.id(y).unwrap());
        let row = m.view().row(i as usize);
        row.dims.iter().position(|d| *d == j).map_or(0.0, |p| row.weights[p])
    };
    assert_eq!((at("a", "b"), at("b", "a"), at("a", "a")), (1.0, 1.0, 0.0));
    assert_eq!((at("a", "c"), at("c", "a"), at("a", "d")), (0.5, 0.5, 0.0));
    // Once in p's order, once in q's.
    assert_eq!((at("c", "d"), at("d", "c")), (1.0, 1.0));
    let near = VisitParams { window: 5, days: Some(10), ..VisitParams::default() };
    let m = count_visits(&e.events, e.vocabulary.len(), &near).unwrap();
    assert_eq!(m.view().sums().0[e.vocabulary.id("d").unwrap() as usize], 0.5);
    assert!(count_visits(&e.events[..1], 4, &near).is_err());
}

#[test]
fn sums_see_only_what_was_before_and_is_not_hidden() {
    let e = events(&[("p", 1, "a"), ("p", 2, "a"), ("p", 7, "b"), ("q", 3, "b"), ("q", 3, "c")]);
    let rows = Vectors::from_slice(&[1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0], 3).unwrap();
    let seen = e.before(&[Some(7), None], &[e.vocabulary.id("c").unwrap()]);
    let s = sums(&seen, 2, &rows);
    let place = |w: &str| e.vocabulary.id(w).unwrap() as usize;
    assert_eq!((s.row(0)[place("a")], s.row(0)[place("b")]), (2.0, 0.0));
    assert_eq!((s.row(1)[place("b")], s.row(1)[place("c")]), (1.0, 0.0));
}

#[test]
fn files_are_read_and_wrong_lines_named() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("e.csv");
    fs_err::write(&path, "who,day,code\np,1,x\np,2,y\nq,2,x\n\n").unwrap();
    let e = Events::read(&path, 2).unwrap();
    assert_eq!((e.people.len(), e.events.len(), e.vocabulary.len()), (2, 2, 1));
    fs_err::write(&path, "p,1,x\np,soon,y\n").unwrap();
    assert!(Events::read(&path, 1).unwrap_err().to_string().contains("e.csv:2"));
    fs_err::write(&path, "who,day,code\n").unwrap();
    assert!(Events::read(&path, 1).is_err());
}
