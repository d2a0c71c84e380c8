//! Sorted runs in scratch files, and their merge.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::io::{self, BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::PathBuf;

use fs_err::File;
use tempfile::TempDir;

use super::shard::Shard;

/// The runs written so far, in a folder that goes with them.
pub(super) struct Runs {
    folder: TempDir,
    runs: Vec<Run>,
}

/// One file: the lists of all shards, one after the other.
struct Run {
    path: PathBuf,
    /// Where each shard's entries begin; one more at the end.
    starts: Vec<u64>,
}

impl Runs {
    pub fn new() -> io::Result<Self> {
        Ok(Self { folder: tempfile::Builder::new().prefix("vectory-counts-").tempdir()?, runs: Vec::new() })
    }

    /// The folder, for other scratch files.
    pub fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }

    /// Writes the lists of settled shards and empties them.
    pub fn write(&mut self, shards: &mut [Shard]) -> io::Result<()> {
        let path = self.folder.path().join(format!("run-{}", self.runs.len()));
        let (mut out, mut starts) = (BufWriter::with_capacity(1 << 18, File::create(&path)?), vec![0]);
        for shard in shards {
            let list = std::mem::take(&mut shard.list);
            out.write_all(bytemuck::cast_slice(&list))?;
            starts.push(starts[starts.len() - 1] + list.len() as u64);
        }
        out.flush()?;
        self.runs.push(Run { path, starts });
        Ok(())
    }

    /// Hands each pair of shard `s`, ascending, to `each`: what is in the runs and what is left in the list, added.
    pub fn merge(
        &self,
        s: usize,
        left: &[[u64; 2]],
        mut each: impl FnMut([u64; 2]) -> io::Result<()>,
    ) -> io::Result<()> {
        let mut sources = vec![Source::List(left.iter())];
        for run in &self.runs {
            let mut file = File::open(&run.path)?;
            file.seek(SeekFrom::Start(run.starts[s] * 16))?;
            let rest = run.starts[s + 1] - run.starts[s];
            sources.push(Source::File { input: BufReader::with_capacity(1 << 16, file), rest });
        }
        let mut heap = BinaryHeap::new();
        for (i, source) in sources.iter_mut().enumerate() {
            heap.extend(source.next()?.map(|e| Reverse((e[0], i, e[1]))));
        }
        let mut now: Option<[u64; 2]> = None;
        while let Some(Reverse((key, i, units))) = heap.pop() {
            match &mut now {
                Some(e) if e[0] == key => e[1] += units,
                _ => {
                    if let Some(done) = now.replace([key, units]) {
                        each(done)?;
                    }
                }
            }
            heap.extend(sources[i].next()?.map(|e| Reverse((e[0], i, e[1]))));
        }
        now.map_or(Ok(()), each)
    }
}

enum Source<'a> {
    List(std::slice::Iter<'a, [u64; 2]>),
    File { input: BufReader<File>, rest: u64 },
}

impl Source<'_> {
    fn next(&mut self) -> io::Result<Option<[u64; 2]>> {
        match self {
            Self::List(list) => Ok(list.next().copied()),
            Self::File { rest: 0, .. } => Ok(None),
            Self::File { input, rest } => {
                let mut entry = [0u64; 2];
                input.read_exact(bytemuck::cast_slice_mut(&mut entry))?;
                *rest -= 1;
                Ok(Some(entry))
            }
        }
    }
}
