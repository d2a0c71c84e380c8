//! The server is killed at random moments while clients change points; what was acknowledged must be there, and nothing else.
//!
//! `VECTORY_CRASHES` says how often (`make crash`: 2,000).
#![allow(clippy::unwrap_used, reason = "a failed step of a test ends it")]

mod serving;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use serving::Server;
use vectory::serve::Client;

const CLIENTS: u64 = 3;
const IDS: u64 = 40;

/// What a client knows of its own points: the version that was acknowledged, and the change that was on its way.
#[derive(Clone, Default)]
struct Journal {
    acknowledged: BTreeMap<u64, u64>,
    /// Ids with the version that they were to get; none: to be removed.
    pending: Vec<(u64, Option<u64>)>,
    changes: u64,
}

struct Random(u64);

impl Random {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = vectory::core::rng::mix(self.0.wrapping_add(0x9e37_79b9_7f4a_7c15));
        self.0 % n
    }
}

/// Changes points one request after the other until the server is gone.
fn change(
    url: &str,
    client: u64,
    mut journal: Journal,
    mut r: Random,
    version: &mut u64,
    stop: &AtomicBool,
) -> Journal {
    let server = Client::new(url, None, None).unwrap();
    while !stop.load(Ordering::Relaxed) {
        let ids: Vec<u64> = (0..=r.below(5)).map(|_| client * 1000 + r.below(IDS)).collect();
        *version += 1;
        let remove = r.below(4) == 0;
        journal.pending = ids.iter().map(|i| (*i, (!remove).then_some(*version))).collect();
        let answer = if remove {
            server.ask("POST", "/collections/c/points/delete?wait=true", Some(&json!({"points": ids})))
        } else {
            let point =
                |id: &u64| json!({"id": id, "vector": [*version as f32, *id as f32], "payload": {"v": *version}});
            server.ask(
                "PUT",
                "/collections/c/points?wait=true",
                Some(&json!({"points": ids.iter().map(point).collect::<Vec<_>>()})),
            )
        };
        match answer {
            Ok(_) => settle(&mut journal),
            Err(_) => break,
        }
    }
    journal
}

fn settle(journal: &mut Journal) {
    for (id, version) in std::mem::take(&mut journal.pending) {
        match version {
            Some(v) => _ = journal.acknowledged.insert(id, v),
            None => _ = journal.acknowledged.remove(&id),
        }
    }
    journal.changes += 1;
}

/// Compares what is there with a journal; what was on its way is either there whole or not at all.
fn compare(found: &BTreeMap<u64, u64>, client: u64, journal: &mut Journal) {
    let mine: BTreeMap<u64, u64> = found.range(client * 1000..(client + 1) * 1000).map(|(i, v)| (*i, *v)).collect();
    let without = journal.acknowledged.clone();
    let mut with = journal.clone();
    settle(&mut with);
    assert!(
        mine == without || mine == with.acknowledged,
        "client {client}: found {mine:?}\nacknowledged {without:?}\non its way {:?}",
        journal.pending
    );
    journal.acknowledged = mine;
    journal.pending.clear();
}

fn points(server: &Server) -> BTreeMap<u64, u64> {
    let all =
        server.ask("POST", "/collections/c/points/scroll", json!({"limit": 10_000, "with_vector": true})).unwrap();
    let list = all["points"].as_array().unwrap();
    let point = |p: &Value| {
        let (id, v) = (p["id"].as_u64().unwrap(), p["payload"]["v"].as_u64().unwrap());
        // Vector and payload are of one version.
        assert_eq!(p["vector"], json!([v as f32, id as f32]), "{p}");
        (id, v)
    };
    let found: BTreeMap<u64, u64> = list.iter().map(point).collect();
    assert_eq!(found.len(), list.len(), "an id twice");
    found
}

#[test]
fn nothing_acknowledged_is_lost_when_the_server_is_killed() {
    let kills: u64 = std::env::var("VECTORY_CRASHES").ok().and_then(|n| n.parse().ok()).unwrap_or(50);
    let dir = tempfile::tempdir().unwrap();
    let mut r = Random(kills);
    let mut journals = vec![Journal::default(); CLIENTS as usize];
    let mut versions = vec![0u64; CLIENTS as usize];
    let server = Server::start(dir.path(), &[]);
    let vectors = json!({"vectors": {"size": 2, "distance": "Dot"}});
    server.ask("PUT", "/collections/c", vectors).unwrap();
    // Long enough for a few changes, on a busy machine too.
    let start = Instant::now();
    for _ in 0..3 {
        server.ask("POST", "/collections/c/points/delete?wait=true", json!({"points": [1]})).unwrap();
    }
    let longest = Duration::from_millis(250).max(start.elapsed() * 4);
    let mut server = Some(server);
    for kill in 0..kills {
        let running = server.take().unwrap();
        let stop = Arc::new(AtomicBool::new(false));
        let threads: Vec<_> = (0..CLIENTS)
            .map(|c| {
                let (url, journal, stop) = (running.url.clone(), journals[c as usize].clone(), Arc::clone(&stop));
                let (random, mut version) = (Random(r.below(u64::MAX)), versions[c as usize]);
                std::thread::spawn(move || {
                    let journal = change(&url, c, journal, random, &mut version, &stop);
                    (journal, version)
                })
            })
            .collect();
        std::thread::sleep(Duration::from_micros(r.below(longest.as_micros() as u64)));
        running.kill();
        stop.store(true, Ordering::Relaxed);
        for (c, thread) in threads.into_iter().enumerate() {
            (journals[c], versions[c]) = thread.join().unwrap();
        }
        let again = Server::start(dir.path(), &[]);
        let found = points(&again);
        (0..CLIENTS).for_each(|c| compare(&found, c, &mut journals[c as usize]));
        server = Some(again);
        if kill % 100 == 99 {
            println!("{} kills", kill + 1);
        }
    }
    let changes: u64 = journals.iter().map(|j| j.changes).sum();
    println!("{kills} kills, {changes} acknowledged changes, none lost");
    assert!(changes > kills, "only {changes} changes were acknowledged: the test did not test much");
    assert!(server.unwrap().terminate());
}
