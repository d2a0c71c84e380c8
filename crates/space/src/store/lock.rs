//! One writer at a time: an advisory lock on `LOCK`, which the system lets go when the process ends, however it ends.

use std::fs::{File, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::{Path, PathBuf};

use thiserror::Error;

/// Why the right to write could not be had.
#[derive(Debug, Error)]
pub enum LockError {
    /// Another writer has it.
    #[error(
        "{path}: another process{holder} is writing to this space; wait for it to finish or stop it, then try again (reading and searching go on meanwhile)"
    )]
    Taken {
        /// The lock file.
        path: PathBuf,
        /// ` (process N)`, where it is known.
        holder: String,
    },
    /// The lock file cannot be opened or locked: a read-only folder, a file system without locks.
    #[error("{path}: cannot be locked for writing: {source} (is the folder read-only?)")]
    Denied {
        /// The lock file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
}

/// The right to write, until dropped.
#[derive(Debug)]
pub(crate) struct Lock {
    _file: File,
}

impl Lock {
    /// As [`Lock::take`], but waits a moment for a reader that puts a killed writer's file in order.
    pub fn take_patiently(path: &Path) -> Result<Self, LockError> {
        for _ in 0..10 {
            match Self::take(path) {
                Err(LockError::Taken { .. }) => std::thread::sleep(std::time::Duration::from_millis(20)),
                other => return other,
            }
        }
        Self::take(path)
    }

    /// Takes the lock or says who has it. Never waits.
    pub fn take(path: &Path) -> Result<Self, LockError> {
        let denied = |source| LockError::Denied { path: path.to_owned(), source };
        let mut file =
            File::options().read(true).write(true).create(true).truncate(false).open(path).map_err(denied)?;
        match file.try_lock() {
            Ok(()) => {
                // Only for people who look; a failure to write it takes nothing from the lock.
                let _ = file.set_len(0).and_then(|()| write!(file, "{}", std::process::id()));
                Ok(Self { _file: file })
            }
            Err(TryLockError::WouldBlock) => {
                let mut text = String::new();
                let read = file.rewind().and_then(|()| Read::by_ref(&mut file).take(20).read_to_string(&mut text));
                let known = read.is_ok() && !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
                let holder = if known { format!(" (process {text})") } else { String::new() };
                Err(LockError::Taken { path: path.to_owned(), holder })
            }
            Err(TryLockError::Error(e)) => Err(denied(e)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_writer_is_told_who_writes() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("LOCK");
        let first = Lock::take(&path).unwrap();
        let err = Lock::take(&path).unwrap_err().to_string();
        assert!(err.contains("another process") && err.contains(&std::process::id().to_string()), "{err}");
        drop(first);
        Lock::take(&path).unwrap();
    }
}
