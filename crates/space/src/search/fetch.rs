//! Texts, snippets and explanations of the hits on a page.

use super::answers::{Answer, Explained};
use super::query::{Query, SearchError};
use super::rank::{Page, Place};
use super::snapshot::Snapshot;
use super::snippet::{matches, snippet};
use super::view::Asked;
use crate::engine::{Engine, EngineKind};
use crate::fusion::{FusionParams, Method, ViewScores, adaptive_weights, part};

/// The answers of a page.
pub(crate) fn fetch(
    snapshot: &Snapshot,
    engines: &[Engine],
    page: &Page,
    query: &Query,
) -> Result<Vec<Answer>, SearchError> {
    let parts = if query.explain { parts(&page.candidates.views, &page.fusion) } else { Vec::new() };
    page.places.iter().map(|place| fetch_one(snapshot, engines, page, query, *place, &parts)).collect()
}

fn fetch_one(
    snapshot: &Snapshot,
    engines: &[Engine],
    page: &Page,
    query: &Query,
    place: Place,
    parts: &[Vec<f32>],
) -> Result<Answer, SearchError> {
    let document = snapshot.tables.document(place.document)?;
    let passage = snapshot.tables.passage(place.hit.id)?;
    let mut words: Vec<(usize, Vec<_>)> = Vec::new();
    for (i, q) in page.queries.iter().enumerate() {
        if let (Asked::Terms { terms, own, .. }, EngineKind::Sparse { analyzer, .. }) =
            (&q.asked, &engines[q.view].kind)
        {
            words.push((i, matches(&passage.text, analyzer, &terms[..*own])));
        }
    }
    let shown = words.first().map_or(&[][..], |w| &w.1);
    let snippet = snippet(&passage.text, shown, query.snippet);
    let at = page.candidates.passages.binary_search(&place.hit.id).ok();
    let explain = |(i, p): (usize, &Vec<f32>)| {
        let view = &page.candidates.views[i];
        let at = at?;
        let matched = words.iter().find(|w| w.0 == i).map(|w| surfaces(&passage.text, &w.1));
        Some(Explained {
            view: view.view.clone(),
            rank: view.ranks[at].map(|r| r + 1),
            score: view.scores[at],
            part: p[at],
            matched: matched.unwrap_or_default(),
        })
    };
    let explain = parts.iter().enumerate().filter_map(explain).collect();
    Ok(Answer {
        id: document.id,
        title: document.title,
        path: document.path,
        score: place.hit.score,
        passage: place.hit.id,
        range: passage.range,
        heading: passage.heading,
        snippet,
        text: passage.text,
        payload: document.payload,
        more: place.more,
        explain,
    })
}

/// What each view adds to each candidate's fused score.
fn parts(views: &[ViewScores], fusion: &FusionParams) -> Vec<Vec<f32>> {
    let base: Vec<f32> = views.iter().map(|v| fusion.weight(&v.view)).collect();
    let weights = match fusion.method {
        Method::Adaptive => adaptive_weights(views, &base, fusion.sharpness),
        _ => base,
    };
    views.iter().zip(weights).map(|(v, w)| part(v, fusion).into_iter().map(|p| p * w).collect()).collect()
}

/// The different words that matched, as they are written, in order.
fn surfaces(text: &str, found: &[(std::ops::Range<usize>, String)]) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    for (range, _) in found {
        let word = text[range.clone()].to_lowercase();
        if !words.contains(&word) {
            words.push(word);
        }
    }
    words
}
