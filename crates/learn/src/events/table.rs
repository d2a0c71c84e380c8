//! Who, when, what.

use std::collections::BTreeMap;
use std::path::Path;

use vectory_io::stream::{self, LineError, Lines};

use crate::vocabulary::Vocabulary;

/// Longest line.
const LINE: usize = 1 << 16;

/// Why events could not be read.
#[derive(Debug, thiserror::Error)]
pub enum EventsError {
    /// Reading failed; the text names the file.
    #[error(transparent)]
    Io(#[from] std::io::Error),
    /// A line could not be read.
    #[error(transparent)]
    Line(#[from] LineError),
    /// A line of another form.
    #[error("{path}:{line}: expected who, when and what, separated by commas or tabs; when is a whole number (a day)")]
    Form {
        /// The file.
        path: String,
        /// The line, from 1.
        line: u64,
    },
    /// Nothing in it.
    #[error("{0}: no events in it")]
    Empty(String),
}

/// Something that happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Event {
    /// To whom: a place in [`Events::people`].
    pub who: u32,
    /// On which day; events of one day are one visit.
    pub when: i64,
    /// What: an id of the vocabulary.
    pub what: u32,
}

/// Events in the order of people, days and codes.
#[derive(Clone, Debug, Default)]
pub struct Events {
    /// The codes, most frequent first.
    pub vocabulary: Vocabulary,
    /// The people.
    pub people: Vec<String>,
    /// What happened.
    pub events: Vec<Event>,
}

impl Events {
    /// Reads lines `who,when,what` (or between tabs); a first line whose day is no number is a header. Codes with fewer than `min_count`
    /// events are left out.
    ///
    /// # Errors
    /// [`EventsError`].
    pub fn read(path: &Path, min_count: u64) -> Result<Self, EventsError> {
        let (mut lines, mut rows) = (Lines::new(stream::open(path, None)?, LINE), Vec::new());
        while let Some(line) = lines.next_line()? {
            let text = String::from_utf8_lossy(line).into_owned();
            if text.trim().is_empty() {
                continue;
            }
            let cells: Vec<&str> = text.split(if text.contains('\t') { '\t' } else { ',' }).map(str::trim).collect();
            match cells.as_slice() {
                [who, when, what] if !what.is_empty() => match when.parse::<i64>() {
                    Ok(day) => rows.push(((*who).to_owned(), day, (*what).to_owned())),
                    Err(_) if rows.is_empty() && lines.line() == 1 => {}
                    Err(_) => return Err(EventsError::Form { path: lines.name(), line: lines.line() }),
                },
                _ => return Err(EventsError::Form { path: lines.name(), line: lines.line() }),
            }
        }
        if rows.is_empty() {
            return Err(EventsError::Empty(lines.name()));
        }
        Ok(Self::new(rows, min_count))
    }

    /// Events out of (who, day, what) rows in any order.
    #[must_use]
    pub fn new(rows: impl IntoIterator<Item = (String, i64, String)>, min_count: u64) -> Self {
        let (mut people, mut counts, mut raw) =
            (BTreeMap::<String, u32>::new(), BTreeMap::<String, u64>::new(), Vec::new());
        for (who, when, what) in rows {
            let next = people.len() as u32;
            let who = *people.entry(who).or_insert(next);
            *counts.entry(what.clone()).or_default() += 1;
            raw.push((who, when, what));
        }
        let mut order: Vec<(&String, &u64)> = counts.iter().filter(|c| *c.1 >= min_count).collect();
        order.sort_by(|a, b| b.1.cmp(a.1).then(a.0.cmp(b.0)));
        let vocabulary = Vocabulary::new(order.into_iter().map(|(w, c)| (w.as_str(), *c)));
        let known = |(who, when, what): (u32, i64, String)| Some(Event { who, when, what: vocabulary.id(&what)? });
        let mut events: Vec<Event> = raw.into_iter().filter_map(known).collect();
        events.sort_unstable();
        let mut names = vec![String::new(); people.len()];
        people.into_iter().for_each(|(name, i)| names[i as usize] = name);
        Self { vocabulary, people: names, events }
    }

    /// What happened to each person before their date (`None`: everything) and is not among `hidden` codes: for inputs that must not know
    /// the outcome.
    #[must_use]
    pub fn before(&self, dates: &[Option<i64>], hidden: &[u32]) -> Vec<Event> {
        let early = |e: &&Event| dates.get(e.who as usize).copied().flatten().is_none_or(|d| e.when < d);
        self.events.iter().filter(early).filter(|e| !hidden.contains(&e.what)).copied().collect()
    }
}
