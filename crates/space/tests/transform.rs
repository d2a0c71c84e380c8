//! A view whose vectors pass through a fitted chain: rows and questions alike, from the space's own copy.

mod common;

use common::{Encoders, ctx, document, recipe};
use vectory_space::{EncoderProvider, Query, Space, Writer, WriterParams};
use vectory_transform::{Plan, Side};

#[test]
fn questions_pass_through_the_chain_that_the_space_keeps() {
    let dir = tempfile::tempdir().unwrap();
    let texts =
        ["pour hot water over tea", "oil the chain of the bike", "knead flour for the bread", "grind the beans"];
    let encoder = Encoders.open("default", dir.path()).unwrap();
    let rows = encoder.encode(&texts, &ctx()).unwrap();
    let file = dir.path().join("half.safetensors");
    let half = rows.dim() / 2;
    let plan = Plan::parse(&format!("center | truncate:{half}")).unwrap();
    plan.fit(rows.view(), &Side::default(), &ctx()).unwrap().save(&file, serde_json::Value::Null).unwrap();

    let mut recipe = recipe(50, 1000);
    for encode in recipe.views.iter_mut().filter_map(|v| v.encode.as_mut()) {
        encode.transform = Some(file.display().to_string());
    }
    let place = dir.path().join("x.space");
    let mut writer = Writer::create(&place, &recipe, &Encoders, WriterParams::default()).unwrap();
    let documents: Vec<_> = texts.iter().enumerate().map(|(i, t)| document(&i.to_string(), "", t)).collect();
    writer.upsert(&documents, "", &ctx()).unwrap();
    writer.commit(&ctx()).unwrap();
    drop(writer);
    // The space does not need the file that the recipe named.
    fs_err::remove_file(&file).unwrap();
    let space = Space::open(&place, &Encoders).unwrap();
    assert_eq!(space.rows("meaning").unwrap().1.dim(), half);
    let query = Query { views: vec!["meaning".into()], ..Query::new("oil the chain of the bike") };
    assert_eq!(space.search(&query, &ctx()).unwrap().hits[0].id, "1");
    // Another chain in its place made other rows: refused.
    let other = Plan::parse(&format!("truncate:{half}")).unwrap().fit(rows.view(), &Side::default(), &ctx()).unwrap();
    other.save(&place.join("meaning.transform.safetensors"), serde_json::Value::Null).unwrap();
    let error = Space::open(&place, &Encoders).map(|_| ()).unwrap_err().to_string();
    assert!(error.contains("do not compare"), "{error}");
}
