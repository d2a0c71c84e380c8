//! Topics that are there are found and named; keywords label texts; wrong input is named.

use rand::RngExt;
use vectory_core::{Context, Vectors, rng};

use super::label::by_keywords;
use super::*;

/// Texts around five directions of 16 dimensions, and a word on each direction.
fn made(per: usize) -> (Vectors, Vectors) {
    let mut r = rng::stream(2, "topic tests");
    let mut texts = Vectors::zeros(5 * per, 16);
    for i in 0..5 * per {
        texts.row_mut(i).iter_mut().for_each(|v| *v = r.random_range(-0.15..0.15));
        texts.row_mut(i)[i % 5] += 1.0;
    }
    let mut words = Vectors::zeros(8, 16);
    (0..8).for_each(|w| words.row_mut(w)[w] = 1.0);
    (texts, words)
}

#[test]
fn topics_are_found_named_and_merged() {
    let (texts, words) = made(60);
    let params = TopicParams { top: 3, ..TopicParams::default() };
    let ctx = Context::new(1, 2).unwrap();
    let found = topics(texts.view(), words.view(), &params, &ctx).unwrap();
    assert_eq!(found.len(), 5);
    assert!(found.sizes.iter().all(|s| (55..=65).contains(s)) && found.sizes.iter().sum::<usize>() == 300);
    for t in 0..5 {
        let direction = found.words[t][0].id;
        assert!(direction < 5, "topic {t} is named by an unused word");
        assert!(found.texts[t].len() == 3 && found.texts[t].iter().all(|h| h.id % 5 == direction));
        let own = (0..300).filter(|i| found.of[*i] == t as u32 && *i as u32 % 5 == direction).count();
        assert!(own >= 55);
    }
    let again = topics(texts.view(), words.view(), &params, &Context::new(1, 3).unwrap()).unwrap();
    assert_eq!((again.of, again.vectors.as_slice()), (found.of.clone(), found.vectors.as_slice()));
    let two = found.reduce(2, texts.view(), words.view(), &ctx).unwrap();
    assert!(two.len() == 2 && two.sizes.iter().sum::<usize>() == 300);
    assert!(found.reduce(0, texts.view(), words.view(), &ctx).is_err());
}

#[test]
fn keywords_label_texts() {
    let (texts, words) = made(40);
    let ctx = Context::new(1, 2).unwrap();
    let one = |w: usize| Label { name: w.to_string(), keywords: Vectors::from_slice(words.row(w), 16).unwrap() };
    let labels: Vec<Label> = (0..5).map(one).collect();
    for found in [
        label(texts.view(), &labels, &LabelParams::default(), &ctx).unwrap(),
        by_keywords(texts.view(), &labels).unwrap(),
    ] {
        let right = found.best().iter().enumerate().filter(|(i, l)| *i as u32 % 5 == **l).count();
        assert!(right >= 198, "{right} of 200");
    }
    let used =
        label(texts.view(), &labels, &LabelParams { candidates: (3, 7), ..Default::default() }, &ctx).unwrap().used;
    assert!(used.iter().all(|u| (1..=7).contains(u)), "{used:?}");
    let empty = Label { name: "e".into(), keywords: Vectors::zeros(0, 16) };
    assert!(by_keywords(texts.view(), &[empty]).unwrap_err().to_string().contains("label `e`"));
    assert!(label(texts.view(), &labels, &LabelParams { candidates: (5, 2), ..Default::default() }, &ctx).is_err());
}

#[test]
fn an_outlier_stands_out() {
    let mut rows = made(20).0;
    let only: Vec<usize> = (0..100).filter(|i| i % 5 == 0).collect();
    let mut near = Vectors::zeros(21, 16);
    only.iter().enumerate().for_each(|(at, i)| near.row_mut(at).copy_from_slice(rows.row(*i)));
    near.row_mut(20)[9] = 1.0;
    let factors = local_outlier_factor(near.view(), 10, &Context::new(1, 1).unwrap()).unwrap();
    assert!(factors[20] > 3.0 && factors[..20].iter().all(|f| *f < 1.6), "{factors:?}");
    rows = Vectors::zeros(2, 3);
    assert_eq!(local_outlier_factor(rows.view(), 10, &Context::new(1, 1).unwrap()).unwrap(), [1.0, 1.0]);
}

#[test]
fn words_that_tell_texts_apart_gain_information() {
    let texts = ["cat purrs cat", "cat meows", "dog barks dog", "dog runs"];
    let words = |a: &str, b: &str| vec![vec![a.to_owned()], vec![b.to_owned()]];
    let good = information_gain(&texts, &[0, 0, 1, 1], &words("cat", "dog"));
    assert!(good > 0.3 && information_gain(&texts, &[0, 0, 1, 1], &words("dog", "cat")) == 0.0, "{good}");
    let v = vocabulary(&texts, 2, 10);
    assert_eq!((v.words, v.texts), (vec!["cat".to_owned(), "dog".into()], vec![2, 2]));
    let ctx = Context::new(1, 1).unwrap();
    let kinds = ["river water bank boat fish stream lake shore", "market price stock trade money share profit loan"];
    let many: Vec<&str> = kinds.iter().copied().cycle().take(60).collect();
    let found = lda(&many, &vocabulary(&many, 1, 100).words, (2, 100), &ctx).unwrap();
    assert!(found.of[0] != found.of[1], "two subjects are two topics");
    assert!((0..60).all(|i| found.of[i] == found.of[i % 2]), "{:?}", found.of);
    assert!(found.words[found.of[0] as usize][..8].iter().all(|w| kinds[0].contains(w.as_str())), "{:?}", found.words);
}

#[test]
fn wrong_input_is_named() {
    let ctx = Context::new(1, 1).unwrap();
    let (texts, words) = made(2);
    let found = |p: TopicParams, w: &Vectors| topics(texts.view(), w.view(), &p, &ctx).unwrap_err();
    assert!(matches!(found(TopicParams::default(), &words), TopicError::TooFew(_)));
    assert!(matches!(
        found(TopicParams { min_cluster_size: 1, ..Default::default() }, &words),
        TopicError::Param { .. }
    ));
    assert!(matches!(found(TopicParams::default(), &Vectors::zeros(3, 4)), TopicError::Dim { texts: 16, words: 4 }));
}
