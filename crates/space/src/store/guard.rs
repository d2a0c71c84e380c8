//! Damage that the table of items meets late.
//!
//! redb checks its file when it opens it after a crash, not each page that it reads later; where a damaged page contradicts itself it
//! panics. Here that becomes an error that names the file, so that one bad sector ends a request, not the program.

use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, PanicHookInfo, catch_unwind, set_hook, take_hook};
use std::sync::Once;

use redb::StorageError;

use super::StoreError;

thread_local! {
    static INSIDE: Cell<bool> = const { Cell::new(false) };
    static WHY: RefCell<String> = const { RefCell::new(String::new()) };
}

/// Runs `work` on the table of items; a panic within it is told as damage, quietly.
pub(super) fn guarded<T>(work: impl FnOnce() -> Result<T, StoreError>) -> Result<T, StoreError> {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let others = take_hook();
        set_hook(Box::new(move |panic| if INSIDE.get() { note(panic) } else { others(panic) }));
    });
    let outer = INSIDE.replace(true);
    let done = catch_unwind(AssertUnwindSafe(work));
    INSIDE.set(outer);
    done.unwrap_or_else(|_| {
        let why = WHY.take();
        Err(StoreError::damaged("items.redb", format!("its pages contradict each other ({why})")))
    })
}

/// Reads one entry after the other and gives each to `visit`, until it says to stop. Only the reading is guarded: a fault of what
/// `visit` does is no damage.
pub(super) fn each<E, T>(
    mut entries: impl Iterator<Item = Result<E, StorageError>>,
    read: impl Fn(E) -> Result<T, StoreError>,
    mut visit: impl FnMut(T) -> Result<bool, StoreError>,
) -> Result<(), StoreError> {
    while let Some(entry) = guarded(|| entries.next().map(|e| read(e?)).transpose())? {
        if !visit(entry)? {
            break;
        }
    }
    Ok(())
}

fn note(panic: &PanicHookInfo<'_>) {
    let text = panic.payload_as_str().unwrap_or("no reason given");
    let place = panic.location().map(|l| format!(", {}:{}", l.file().rsplit('/').next().unwrap_or_default(), l.line()));
    WHY.set(format!("{text}{}", place.unwrap_or_default()));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_damage_and_other_errors_stay() {
        let lost: Result<u32, _> = guarded(|| guarded(|| Ok(None::<u32>)).map(|n| n.expect("a page")));
        let text = lost.unwrap_err().to_string();
        assert!(text.contains("items.redb") && text.contains("a page") && text.contains("guard.rs"), "{text}");
        assert_eq!(guarded(|| Ok(3)).unwrap(), 3);
        assert!(guarded::<()>(|| Err(StoreError::damaged("x", "y"))).unwrap_err().to_string().starts_with("x: y"));
        assert!(!INSIDE.get());
    }

    #[test]
    fn what_is_done_with_entries_is_not_guarded() {
        let entries = || [Ok(1), Ok(2), Err(StorageError::Corrupted("a page".into()))].into_iter();
        let mut seen = Vec::new();
        let done = each(
            entries(),
            |n| Ok(n * 10),
            |n| {
                assert!(!INSIDE.get());
                seen.push(n);
                Ok(true)
            },
        );
        assert!(done.unwrap_err().to_string().contains("a page") && seen == [10, 20]);
        each(entries(), Ok, |n| Ok(n < 2)).unwrap();
        let lost = each(entries(), |n| if n == 2 { panic!("no entry") } else { Ok(n) }, |_| Ok(true));
        assert!(lost.unwrap_err().to_string().contains("no entry"));
    }
}
