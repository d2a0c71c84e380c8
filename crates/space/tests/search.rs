//! Asking a small space.
#![allow(clippy::unwrap_used, reason = "a failed step of a test ends it")]

mod common;

use common::{Encoders, ctx, document, recipe, text, with_payload};
use serde_json::json;
use vectory_space::fusion::{FusionParams, Method};
use vectory_space::{Query, Space, Writer, WriterParams};

fn library(dir: &std::path::Path) -> Space {
    let ctx = ctx();
    let mut writer = Writer::create(dir, &recipe(50, 1000), &Encoders, WriterParams::default()).unwrap();
    let documents = [
        (
            "tea",
            "Green tea",
            "Pour hot water over the leaves and wait three minutes.",
            json!({"year": 2020, "tags": ["drink"]}),
        ),
        (
            "coffee",
            "Filter coffee",
            "Grind the beans and pour boiling water slowly.",
            json!({"year": 2021, "tags": ["drink", "hot"]}),
        ),
        ("bread", "Sourdough bread", "Knead flour and water, let the dough rest over night.", json!({"year": 2019})),
        ("bike", "Repairing a bicycle chain", "Oil the chain and check every link for wear.", json!({"year": "2021"})),
    ];
    let documents: Vec<_> = documents.into_iter().map(|(id, t, x, p)| with_payload(document(id, t, x), p)).collect();
    writer.upsert(&documents, "", &ctx).unwrap();
    writer.commit(&ctx).unwrap();
    Space::open(dir, &Encoders).unwrap()
}

fn ids(space: &Space, query: &Query) -> Vec<String> {
    space.search(query, &ctx()).unwrap().hits.into_iter().map(|h| h.id).collect()
}

#[test]
fn hybrid_answers_have_all_their_parts() {
    let dir = tempfile::tempdir().unwrap();
    let space = library(dir.path());
    let query = Query { explain: true, ..Query::new("checking the links of a chain") };
    let answers = space.search(&query, &ctx()).unwrap();
    let best = &answers.hits[0];
    assert_eq!((best.id.as_str(), best.title.as_str()), ("bike", "Repairing a bicycle chain"));
    assert_eq!(answers.views, ["words", "meaning"]);
    assert_eq!(best.payload["year"], json!("2021"));
    let marked: Vec<_> = best.snippet.highlights.iter().map(|r| &best.snippet.text[r.clone()]).collect();
    assert_eq!(marked, ["chain", "check", "link"]);
    assert_eq!(best.explain.len(), 2);
    assert_eq!(best.explain[0].matched, ["chain", "check", "link"]);
    assert_eq!(best.explain[0].rank, Some(1));
    let sum: f32 = best.explain.iter().map(|e| e.part).sum();
    assert!((sum - best.score).abs() < 1e-4, "{sum} {}", best.score);
    assert_eq!(answers.hits.len(), 4, "the meaning view finds every document");
    assert!(answers.hits.windows(2).all(|w| w[0].score >= w[1].score));
}

#[test]
fn views_filters_pages_and_fusion_can_be_chosen() {
    let dir = tempfile::tempdir().unwrap();
    let space = library(dir.path());
    let words = Query { views: vec!["words".into()], ..Query::new("water") };
    let found = ids(&space, &words);
    assert_eq!(found.len(), 3);
    let paged = Query { offset: 1, k: 1, ..words.clone() };
    assert_eq!(ids(&space, &paged), found[1..2]);
    let filtered = |f: &str| ids(&space, &Query { filter: Some(f.parse().unwrap()), ..Query::new("water") });
    assert_eq!(filtered("year >= 2021").len(), 2);
    assert_eq!(filtered("tags = \"hot\""), ["coffee"]);
    assert_eq!(filtered("title contains 'BREAD'"), ["bread"]);
    assert_eq!(filtered("id in ['tea', 'bike'] and not exists(tags)"), ["bike"]);
    assert!(filtered("year > 3000").is_empty());
    for method in [Method::Rrf, Method::Adaptive] {
        let fusion = Some(FusionParams { method, ..FusionParams::default() });
        assert_eq!(ids(&space, &Query { fusion, ..Query::new("bicycle chain") })[0], "bike");
    }
}

#[test]
fn wrong_questions_are_errors_and_empty_ones_find_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let space = library(dir.path());
    let fails = |q: Query| space.search(&q, &ctx()).unwrap_err().to_string();
    let err = fails(Query { views: vec!["wrods".into()], ..Query::new("x") });
    assert!(err.contains("`wrods`") && err.contains("`words`, `meaning`"), "{err}");
    assert!(fails(Query { vector: Some(vec![1.0; 3]), ..Query::new("x") }).contains("has 3 values"));
    assert!(fails(Query { vector: Some(vec![f32::NAN; common::DIM]), ..Query::new("x") }).contains("not finite"));
    let fusion = Some(FusionParams { depth: 0, ..FusionParams::default() });
    assert!(fails(Query { fusion, ..Query::new("x") }).contains("fusion.depth"));
    assert!(ids(&space, &Query::new("")).is_empty());
    assert!(ids(&space, &Query { k: 0, ..Query::new("water") }).is_empty());
    assert!(ids(&space, &Query { offset: usize::MAX, ..Query::new("water") }).is_empty());
}

#[test]
fn hits_group_by_document_and_the_page_is_full() {
    let dir = tempfile::tempdir().unwrap();
    let ctx = ctx();
    let mut writer = Writer::create(dir.path(), &recipe(20, 100_000), &Encoders, WriterParams::default()).unwrap();
    // One long document that repeats the answer, and twenty short ones that have it once.
    let mut documents = vec![document("long", "", &"the red fox jumps high over every fence today ".repeat(400))];
    documents.extend((0..20).map(|i| document(&format!("d{i}"), "", &format!("a red fox and {}", text(i, 8)))));
    writer.upsert(&documents, "", &ctx).unwrap();
    writer.commit(&ctx).unwrap();
    let space = Space::open(dir.path(), &Encoders).unwrap();
    assert!(space.info().passages > 150);
    let fusion = Some(FusionParams { depth: 5, ..FusionParams::default() });
    let found = ids(&space, &Query { fusion: fusion.clone(), ..Query::new("red fox") });
    assert_eq!(found.len(), 10);
    assert_eq!(found.iter().collect::<std::collections::HashSet<_>>().len(), 10);
    let single = Query { group: false, fusion, ..Query::new("the red fox jumps high over every fence today") };
    assert!(ids(&space, &single).iter().filter(|id| *id == "long").count() > 1);
    let answers = space.search(&Query::new("the red fox jumps high over every fence today"), &ctx).unwrap();
    assert_eq!(answers.hits[0].id, "long");
    assert!(answers.hits[0].more > 10);
}

#[test]
fn a_filter_never_leaves_fewer_hits_than_there_are() {
    let dir = tempfile::tempdir().unwrap();
    let ctx = ctx();
    let mut writer = Writer::create(dir.path(), &recipe(0, 100), &Encoders, WriterParams::default()).unwrap();
    let documents: Vec<_> = (0..3000)
        .map(|i| with_payload(document(&format!("d{i}"), "", &text(i, 12)), json!({"n": i, "rare": i % 331 == 0})))
        .collect();
    writer.upsert(&documents, "", &ctx).unwrap();
    writer.optimize(&ctx).unwrap();
    let space = Space::open(dir.path(), &Encoders).unwrap();
    assert_eq!(space.info().views[1].graph_rows, 3000);
    for (filter, matching) in [("rare = true", 10), ("n < 5", 5), ("n >= 1000", 2000), ("n = 77", 1), ("n < 0", 0)] {
        for question in ["w1 w2 w3", "w399"] {
            let query = Query { k: 50, filter: Some(filter.parse().unwrap()), ..Query::new(question) };
            assert_eq!(ids(&space, &query).len(), matching.min(50), "{filter}: {question}");
        }
    }
}

#[test]
fn segments_merged_or_not_answer_alike() {
    let ctx = ctx();
    let documents: Vec<_> = (0..600).map(|i| document(&format!("d{i}"), "", &text(i, 30))).collect();
    let build = |commits: usize, merge: bool| {
        let dir = tempfile::tempdir().unwrap();
        let mut writer = Writer::create(dir.path(), &recipe(12, 100_000), &Encoders, WriterParams::default()).unwrap();
        for chunk in documents.chunks(documents.len().div_ceil(commits)) {
            writer.upsert(chunk, "", &ctx).unwrap();
            writer.commit(&ctx).unwrap();
        }
        if merge {
            let summary = writer.optimize(&ctx).unwrap();
            assert_eq!((summary.before, summary.after, summary.dropped), (commits, 1, 0));
        }
        drop(writer);
        let space = Space::open(dir.path(), &Encoders).unwrap();
        let answers = (0..40).map(|q| space.rank(&Query { k: 30, ..Query::new(text(q + 9000, 4)) }, &ctx).unwrap());
        (answers.collect::<Vec<_>>(), space.info().segments)
    };
    let (one, _) = build(1, false);
    let (many, segments) = build(5, false);
    assert_eq!(segments, 5);
    let (merged, segments) = build(5, true);
    assert_eq!(segments, 1);
    assert_eq!(one, merged);
    assert_eq!(one, many);
}

#[test]
fn a_second_look_changes_only_what_it_should() {
    let dir = tempfile::tempdir().unwrap();
    let ctx = ctx();
    let mut writer = Writer::create(dir.path(), &recipe(0, 100_000), &Encoders, WriterParams::default()).unwrap();
    let mut documents: Vec<_> = (0..200).map(|i| document(&format!("d{i}"), "", &text(i, 25))).collect();
    // `near` shares no word with the question, but all others with the passage that answers it.
    documents.push(document("answer", "", "zebra stripes confuse biting flies"));
    documents.push(document("near", "", "stripes confuse biting flies"));
    writer.upsert(&documents, "", &ctx).unwrap();
    writer.commit(&ctx).unwrap();
    let space = Space::open(dir.path(), &Encoders).unwrap();
    let looks = |feedback| Some(FusionParams { feedback, ..FusionParams::default() });
    let ask = |query: Query| ids(&space, &query);
    let place = |found: Vec<String>| found.iter().position(|id| id == "near").unwrap_or(usize::MAX);
    let question = |feedback| Query { k: 202, fusion: looks(feedback), ..Query::new("zebra") };
    assert_eq!(ask(question(1))[..2], ["answer", "near"]);
    assert!(place(ask(question(0))) > 1, "one look does not find it");
    // A view asked alone, and a vector that is given, stay as they are.
    let alone = |feedback| Query { views: vec!["meaning".into()], ..question(feedback) };
    assert_eq!(ask(alone(1)), ask(alone(0)));
    let given = |feedback| Query { vector: Some(vec![0.5; common::DIM]), ..question(feedback) };
    assert_eq!(ask(given(1)), ask(given(0)));
}

#[test]
fn words_of_the_best_passages_widen_the_question_but_do_not_count_as_matched() {
    let dir = tempfile::tempdir().unwrap();
    let ctx = ctx();
    let mut writer = Writer::create(dir.path(), &recipe(0, 100_000), &Encoders, WriterParams::default()).unwrap();
    let mut documents: Vec<_> = (0..200).map(|i| document(&format!("d{i}"), "", &text(i, 25))).collect();
    documents.push(document("answer", "", "zebra stripes confuse biting flies"));
    documents.push(document("near", "", "stripes confuse biting flies zebra"));
    documents.push(document("far", "", "stripes confuse"));
    writer.upsert(&documents, "", &ctx).unwrap();
    writer.commit(&ctx).unwrap();
    let space = Space::open(dir.path(), &Encoders).unwrap();
    // The dense view is not moved: what changes comes from the words.
    let found = |terms: usize| {
        let fusion =
            FusionParams { feedback: 1, feedback_weight: 0.0, feedback_terms: terms, ..FusionParams::default() };
        let query = Query { k: 300, explain: true, fusion: Some(fusion), ..Query::new("zebra") };
        space.search(&query, &ctx).unwrap().hits
    };
    let words = |hits: &[vectory_space::Answer], id: &str| {
        let hit = hits.iter().find(|h| h.id == id).unwrap();
        hit.explain.iter().find(|e| e.view == "words").unwrap().clone()
    };
    let (one, two) = (found(0), found(10));
    assert_eq!(words(&one, "far").score, 0.0, "it has no word of the question");
    assert!(words(&two, "far").score > 0.0, "it has words of the best passage");
    assert!(words(&two, "far").score < words(&two, "answer").score);
    assert_eq!(words(&two, "near").matched, ["zebra"]);
    assert_eq!(words(&two, "far").matched, [""; 0]);
}
