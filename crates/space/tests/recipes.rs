//! The shipped recipes parse, and say what the code resolves.

use std::path::{Path, PathBuf};

use vectory_space::recipe::{Bm25Recipe, Recipe, SourceRecipe, View};
use vectory_text::{AnalyzerParams, Language};

fn shipped(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../recipes").join(name)
}

#[test]
fn default_toml_is_the_default() {
    assert_eq!(Recipe::read(&shipped("default.toml")).unwrap(), Recipe::default());
}

#[test]
fn default_toml_spells_out_every_key() {
    let text = fs_err::read_to_string(shipped("default.toml")).unwrap();
    let shown: toml::Table = toml::from_str(&text).unwrap();
    let resolved: toml::Table = toml::from_str(&Recipe::default().to_toml()).unwrap();
    assert_eq!(shown, resolved);
}

#[test]
fn words_only_is_one_sparse_view() {
    let expected = Recipe { views: vec![View::words()], ..Recipe::default() };
    assert_eq!(Recipe::read(&shipped("words-only.toml")).unwrap(), expected);
}

#[test]
fn code_keeps_names_as_they_are_written() {
    let analyzer = AnalyzerParams {
        language: Language::English,
        stem: false,
        stop_words: false,
        split_identifiers: true,
        ..AnalyzerParams::default()
    };
    let bm25 = Bm25Recipe { b: 0.5, ..Bm25Recipe::default() };
    let words = View { analyzer: Some(analyzer), bm25: Some(bm25), ..View::words() };
    let source = SourceRecipe { max_words: 150, overlap_words: 15, ..SourceRecipe::default() };
    let expected = Recipe { source, views: vec![words, View::meaning()], ..Recipe::default() };
    assert_eq!(Recipe::read(&shipped("code.toml")).unwrap(), expected);
}

#[test]
fn every_shipped_recipe_is_tested() {
    let mut names: Vec<_> = fs_err::read_dir(shipped(""))
        .unwrap()
        .map(|f| f.unwrap().file_name().into_string().unwrap())
        .filter(|n| n.ends_with(".toml"))
        .collect();
    names.sort();
    assert_eq!(names, ["code.toml", "default.toml", "learned.toml", "words-only.toml"]);
}

#[test]
fn learned_names_its_learner_and_the_file_that_it_makes() {
    let recipe = Recipe::read(&shipped("learned.toml")).unwrap();
    let encode = recipe.view("meaning").and_then(|v| v.encode.clone()).unwrap();
    assert_eq!((encode.learn.as_deref(), encode.model.as_str()), (Some("sent2vec"), "meaning.learned.safetensors"));
    assert_eq!(Recipe::parse(&recipe.to_toml()).unwrap(), recipe);
}
