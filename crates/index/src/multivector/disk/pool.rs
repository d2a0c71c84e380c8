//! Threads that read records and score them where they were read.

use std::collections::{HashMap, VecDeque};
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use bytemuck::Zeroable;

use crate::multivector::store::Layout;
use crate::multivector::{Scratch, TokenQuery};

/// What reads past the page cache are aligned to.
pub const PAGE: usize = 4096;

/// A page: the unit of allocation that makes buffers aligned.
#[derive(Clone, Copy, bytemuck::Pod, bytemuck::Zeroable)]
#[repr(C, align(4096))]
struct Page([u8; PAGE]);

/// `O_DIRECT`, which the standard library does not name.
#[cfg(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "x86", target_arch = "riscv64")))]
const DIRECT: i32 = 0o40000;
#[cfg(all(target_os = "linux", any(target_arch = "aarch64", target_arch = "arm")))]
const DIRECT: i32 = 0o200_000;
#[cfg(not(all(
    target_os = "linux",
    any(
        target_arch = "x86_64",
        target_arch = "x86",
        target_arch = "riscv64",
        target_arch = "aarch64",
        target_arch = "arm"
    )
)))]
const DIRECT: i32 = 0;

/// Where records lie, and how they are read.
pub struct Source {
    file: std::fs::File,
    path: PathBuf,
    pub direct: bool,
    pub layout: Layout,
    pub first_byte: u64,
    /// Centroids that records may name.
    pub centroids: usize,
}

impl Source {
    /// Opens the file past the page cache, or through it where the system does not allow that (or `direct` is false).
    pub fn open(path: &Path, direct: bool, layout: Layout, first_byte: u64, centroids: usize) -> std::io::Result<Self> {
        if direct && DIRECT != 0 {
            let file = std::fs::OpenOptions::new().read(true).custom_flags(DIRECT).open(path);
            // Some file systems accept the flag and refuse the reads: try one.
            if let Ok(file) = file {
                let mut page = [Page::zeroed()];
                if file.read_at(bytemuck::cast_slice_mut(&mut page), 0).is_ok() {
                    return Ok(Self { file, path: path.to_owned(), direct: true, layout, first_byte, centroids });
                }
            }
        }
        let file = fs_err::File::open(path)?.into_file();
        Ok(Self { file, path: path.to_owned(), direct: false, layout, first_byte, centroids })
    }

    /// Reads and scores one record; its bytes too.
    fn score(&self, at: Place, query: &TokenQuery, buffers: &mut Buffers) -> std::io::Result<(f32, u64)> {
        let size = self.layout.record(at.tokens);
        buffers.pages.resize(size.div_ceil(PAGE), Page::zeroed());
        let bytes: &mut [u8] = bytemuck::cast_slice_mut(&mut buffers.pages);
        let (mut done, whole) = (0, bytes.len());
        while done < size {
            match self.file.read_at(&mut bytes[done..], self.first_byte + at.start + done as u64) {
                Ok(0) => return Err(self.bad("is cut")),
                Ok(n) => done += n,
                Err(e) if e.kind() == std::io::ErrorKind::Interrupted => {}
                Err(e) => return Err(e),
            }
        }
        let parts = self.layout.parts(&bytes[..size], at.tokens);
        if parts.ids.iter().any(|id| *id as usize >= self.centroids) {
            return Err(self.bad("names a centroid that does not exist"));
        }
        Ok((query.score(&parts, &mut buffers.scratch), whole as u64))
    }

    fn bad(&self, why: &str) -> std::io::Error {
        std::io::Error::new(
            std::io::ErrorKind::InvalidData,
            format!("{}: a record of tokens {why}", self.path.display()),
        )
    }
}

/// Where one record lies after the first.
#[derive(Clone, Copy)]
pub struct Place {
    pub document: u32,
    pub start: u64,
    pub tokens: usize,
}

#[derive(Default)]
struct Buffers {
    pages: Vec<Page>,
    scratch: Scratch,
}

/// What one search has asked for.
pub struct Job {
    pub query: TokenQuery,
    done: Mutex<Done>,
    news: Condvar,
}

#[derive(Default)]
struct Done {
    scores: HashMap<u32, f32>,
    reads: u64,
    bytes: u64,
    error: Option<std::io::Error>,
}

impl Job {
    pub fn new(query: TokenQuery) -> Arc<Self> {
        Arc::new(Self { query, done: Mutex::default(), news: Condvar::new() })
    }

    /// Waits until all of these documents are scored; their scores, and how many reads of how many bytes there were.
    pub fn wait(&self, documents: &[u32]) -> std::io::Result<(Vec<f32>, u64, u64)> {
        let mut done = lock(&self.done);
        loop {
            if let Some(e) = done.error.take() {
                return Err(e);
            }
            let scores: Option<Vec<f32>> = documents.iter().map(|d| done.scores.get(d).copied()).collect();
            if let Some(scores) = scores {
                return Ok((scores, done.reads, done.bytes));
            }
            done = self.news.wait(done).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

#[derive(Default)]
struct Queues {
    /// Needed now.
    urgent: VecDeque<(Place, Arc<Job>)>,
    /// Guessed.
    ahead: VecDeque<(Place, Arc<Job>)>,
    closed: bool,
}

struct Shared {
    queues: Mutex<Queues>,
    news: Condvar,
    source: Source,
}

/// The threads; they end with it.
pub struct Pool {
    shared: Arc<Shared>,
    threads: Vec<JoinHandle<()>>,
}

impl Pool {
    pub fn new(source: Source, threads: usize) -> std::io::Result<Self> {
        let shared = Arc::new(Shared { queues: Mutex::default(), news: Condvar::new(), source });
        let mut pool = Self { shared, threads: Vec::new() };
        for i in 0..threads.max(1) {
            let shared = Arc::clone(&pool.shared);
            pool.threads
                .push(std::thread::Builder::new().name(format!("vectory-read-{i}")).spawn(move || work(&shared))?);
        }
        Ok(pool)
    }

    pub fn source(&self) -> &Source {
        &self.shared.source
    }

    /// Asks for records that may be needed.
    pub fn guess(&self, places: impl Iterator<Item = Place>, job: &Arc<Job>) {
        lock(&self.shared.queues).ahead.extend(places.map(|p| (p, Arc::clone(job))));
        self.shared.news.notify_all();
    }

    /// Asks for records that are needed: before all guesses. Guesses of this search that are not `wanted` and not begun are
    /// given up; those that are wanted become urgent.
    pub fn need(&self, places: &[Place], wanted: impl Fn(u32) -> bool, job: &Arc<Job>) {
        let mut queues = lock(&self.shared.queues);
        let ahead = std::mem::take(&mut queues.ahead);
        for (place, owner) in ahead {
            if !Arc::ptr_eq(&owner, job) {
                queues.ahead.push_back((place, owner));
            } else if wanted(place.document) {
                queues.urgent.push_back((place, owner));
            }
        }
        queues.urgent.extend(places.iter().map(|p| (*p, Arc::clone(job))));
        drop(queues);
        self.shared.news.notify_all();
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        lock(&self.shared.queues).closed = true;
        self.shared.news.notify_all();
        for thread in self.threads.drain(..) {
            // A reader that panicked has nothing left to tell.
            let _ = thread.join();
        }
    }
}

fn lock<T>(m: &Mutex<T>) -> MutexGuard<'_, T> {
    m.lock().unwrap_or_else(PoisonError::into_inner)
}

fn work(shared: &Shared) {
    let mut buffers = Buffers::default();
    while let Some((place, job)) = next(shared) {
        // A search waits for its documents: a reader that fails in any way must say so.
        let attempt = AssertUnwindSafe(|| shared.source.score(place, &job.query, &mut buffers));
        let result = catch_unwind(attempt).unwrap_or_else(|_| Err(shared.source.bad("could not be scored")));
        let mut done = lock(&job.done);
        match result {
            Ok((score, bytes)) => {
                done.scores.insert(place.document, score);
                done.reads += 1;
                done.bytes += bytes;
            }
            Err(e) => done.error = Some(e),
        }
        drop(done);
        job.news.notify_all();
    }
}

fn next(shared: &Shared) -> Option<(Place, Arc<Job>)> {
    let mut queues = lock(&shared.queues);
    loop {
        if queues.closed {
            return None;
        }
        if let Some(task) = queues.urgent.pop_front() {
            return Some(task);
        }
        if let Some(task) = queues.ahead.pop_front() {
            return Some(task);
        }
        queues = shared.news.wait(queues).unwrap_or_else(PoisonError::into_inner);
    }
}
