//! Reading tables front to back.

use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use fs_err::File;

use super::SqliteError;
use super::record::{Value, decode, varint};

/// Deeper trees are taken for damage.
const DEPTH: usize = 20;

/// An opened file.
pub struct Database {
    file: File,
    path: PathBuf,
    page: usize,
    /// Bytes of a page that are in use.
    usable: usize,
    pages: u64,
}

/// A table as the schema has it.
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    /// Its name.
    pub name: String,
    /// The statement that made it.
    pub sql: String,
    root: u64,
}

impl Table {
    /// The names of its columns, in order.
    #[must_use]
    pub fn columns(&self) -> Vec<String> {
        let inside = self.sql.split_once('(').map_or("", |(_, rest)| rest.rsplit_once(')').map_or(rest, |(i, _)| i));
        let name = |c: &str| c.split_whitespace().next().map(|n| n.trim_matches(['"', '`', '[', ']']).to_owned());
        inside.split(',').filter_map(name).collect()
    }
}

impl Database {
    /// Opens a file.
    ///
    /// # Errors
    /// [`SqliteError`]: not such a file, text of another encoding, a transaction that was not completed.
    pub fn open(path: &Path) -> Result<Self, SqliteError> {
        let mut file = File::open(path)?;
        let bad = |why: &str| SqliteError::Damaged { path: path.to_owned(), why: why.to_owned() };
        let mut head = [0u8; 100];
        file.read_exact(&mut head).map_err(|_| bad("shorter than a header"))?;
        if &head[..16] != b"SQLite format 3\0" {
            return Err(bad("it does not begin as one"));
        }
        let page = match u16::from_be_bytes([head[16], head[17]]) {
            1 => 65536,
            n => n as usize,
        };
        if page < 512 || !page.is_power_of_two() || usize::from(head[20]) > page - 480 {
            return Err(bad("its pages have an impossible size"));
        }
        if !matches!(head[59], 0 | 1) {
            return Err(bad("its text is UTF-16, expected UTF-8"));
        }
        for end in ["-journal", "-wal"] {
            let beside =
                path.with_file_name(format!("{}{end}", path.file_name().unwrap_or_default().to_string_lossy()));
            if fs_err::metadata(&beside).is_ok_and(|m| m.len() > 0) {
                return Err(bad(&format!("a transaction is not complete: open {} with sqlite3 once", path.display())));
            }
        }
        let pages = file.metadata()?.len() / page as u64;
        Ok(Self { file, path: path.to_owned(), page, usable: page - head[20] as usize, pages })
    }

    pub(super) fn bad(&self, why: impl Into<String>) -> SqliteError {
        SqliteError::Damaged { path: self.path.clone(), why: why.into() }
    }

    fn load(&mut self, number: u64) -> Result<Vec<u8>, SqliteError> {
        if number == 0 || number > self.pages {
            return Err(self.bad(format!("page {number} of {} is asked for", self.pages)));
        }
        let mut bytes = vec![0; self.page];
        self.file.seek(SeekFrom::Start((number - 1) * self.page as u64))?;
        self.file.read_exact(&mut bytes)?;
        Ok(bytes)
    }

    /// All tables.
    ///
    /// # Errors
    /// [`SqliteError`].
    pub fn tables(&mut self) -> Result<Vec<Table>, SqliteError> {
        let schema = Table { name: "sqlite_schema".into(), sql: String::new(), root: 1 };
        let (mut rows, mut out) = (Rows::new(&schema), Vec::new());
        while let Some(row) = rows.next(self)? {
            if let [Value::Text(kind), Value::Text(name), _, Value::Int(root), Value::Text(sql), ..] = row.as_slice()
                && kind == "table"
            {
                out.push(Table { name: name.clone(), sql: sql.clone(), root: root.cast_unsigned() });
            }
        }
        Ok(out)
    }
}

/// Walks a table in the order of its row ids.
pub struct Rows {
    /// Pages on the way down, and the next cell of each.
    path: Vec<(Vec<u8>, usize, usize)>,
    start: Option<u64>,
}

impl Rows {
    /// From the first row.
    #[must_use]
    pub fn new(table: &Table) -> Self {
        Self { path: vec![], start: Some(table.root) }
    }

    /// The next row; `None` after the last.
    ///
    /// # Errors
    /// [`SqliteError`] where a page makes no sense.
    pub fn next(&mut self, db: &mut Database) -> Result<Option<Vec<Value>>, SqliteError> {
        if let Some(root) = self.start.take() {
            self.descend(db, root)?;
        }
        loop {
            let Some((page, head, cell)) = self.path.last_mut() else { return Ok(None) };
            let cells = u16::from_be_bytes([page[*head + 3], page[*head + 4]]) as usize;
            let (leaf, at) = (page[*head] == 0x0d, *cell);
            if at >= cells + usize::from(!leaf) {
                self.path.pop();
                continue;
            }
            *cell += 1;
            if leaf {
                let place = pointer(page, *head + 8, at).ok_or_else(|| db.bad("a cell lies outside its page"))?;
                let page = page.clone();
                return db.row(&page, place).map(Some);
            }
            let child = if at == cells { Some(*head + 8) } else { pointer(page, *head + 12, at) };
            let number = child.and_then(|p| page.get(p..p + 4)).map(|b| u32::from_be_bytes([b[0], b[1], b[2], b[3]]));
            let number = number.ok_or_else(|| db.bad("a cell lies outside its page"))?;
            self.descend(db, u64::from(number))?;
        }
    }

    fn descend(&mut self, db: &mut Database, number: u64) -> Result<(), SqliteError> {
        let page = db.load(number)?;
        let head = if number == 1 { 100 } else { 0 };
        if !matches!(page[head], 0x05 | 0x0d) {
            return Err(db.bad(format!("page {number} is not of a table")));
        }
        if self.path.len() > DEPTH {
            return Err(db.bad("its pages go round in a circle"));
        }
        self.path.push((page, head, 0));
        Ok(())
    }
}

fn pointer(page: &[u8], array: usize, cell: usize) -> Option<usize> {
    let b = page.get(array + 2 * cell..array + 2 * cell + 2)?;
    Some(u16::from_be_bytes([b[0], b[1]]) as usize)
}

impl Database {
    /// The row of the cell at `at` in a leaf, with what lies in overflow pages.
    fn row(&mut self, page: &[u8], at: usize) -> Result<Vec<Value>, SqliteError> {
        let cut = |db: &Self| db.bad("a row is cut");
        let (size, at) = varint(page, at).ok_or_else(|| cut(self))?;
        let (_, at) = varint(page, at).ok_or_else(|| cut(self))?;
        let size = usize::try_from(size)
            .ok()
            .filter(|s| *s as u64 <= self.pages * self.page as u64)
            .ok_or_else(|| cut(self))?;
        let local = local(size, self.usable);
        let mut bytes = page.get(at..at + local).ok_or_else(|| cut(self))?.to_vec();
        let mut next = page.get(at + local..at + local + 4).map_or(0, |b| u32::from_be_bytes([b[0], b[1], b[2], b[3]]));
        while bytes.len() < size {
            let page = self.load(u64::from(next))?;
            next = u32::from_be_bytes([page[0], page[1], page[2], page[3]]);
            let take = (size - bytes.len()).min(self.usable - 4);
            bytes.extend_from_slice(&page[4..4 + take]);
        }
        decode(&bytes).ok_or_else(|| self.bad("a row makes no sense"))
    }
}

/// How many bytes of a row of a table lie in its leaf.
pub(super) fn local(size: usize, usable: usize) -> usize {
    let most = usable - 35;
    if size <= most {
        return size;
    }
    let least = (usable - 12) * 32 / 255 - 23;
    let fit = least + (size - least) % (usable - 4);
    if fit <= most { fit } else { least }
}
