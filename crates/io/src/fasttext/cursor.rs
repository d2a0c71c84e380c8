//! Reading numbers from a mapped file.

use std::path::Path;

use super::FastTextError;

/// A place in a file's bytes.
pub(super) struct Cursor<'a> {
    pub path: &'a Path,
    pub bytes: &'a [u8],
    pub at: usize,
}

impl<'a> Cursor<'a> {
    pub fn bad(&self, why: impl Into<String>) -> FastTextError {
        FastTextError::Format { path: self.path.to_owned(), at: self.at, why: why.into() }
    }

    pub fn take(&mut self, n: usize) -> Result<&'a [u8], FastTextError> {
        match self.at.checked_add(n).and_then(|end| self.bytes.get(self.at..end)) {
            Some(part) => {
                self.at += n;
                Ok(part)
            }
            None => {
                Err(self.bad(format!("{n} more bytes are expected, but the file has {}: it is cut", self.bytes.len())))
            }
        }
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], FastTextError> {
        let mut out = [0; N];
        out.copy_from_slice(self.take(N)?);
        Ok(out)
    }

    pub fn byte(&mut self) -> Result<u8, FastTextError> {
        Ok(self.array::<1>()?[0])
    }

    pub fn i32(&mut self) -> Result<i32, FastTextError> {
        Ok(i32::from_le_bytes(self.array()?))
    }

    pub fn i64(&mut self) -> Result<i64, FastTextError> {
        Ok(i64::from_le_bytes(self.array()?))
    }

    pub fn f64(&mut self) -> Result<f64, FastTextError> {
        Ok(f64::from_le_bytes(self.array()?))
    }

    /// A count: not negative.
    pub fn count(&mut self, what: &str) -> Result<usize, FastTextError> {
        let n = self.i64()?;
        usize::try_from(n).map_err(|_| self.bad(format!("{n} as the number of {what}")))
    }

    /// A count of 32 bits.
    pub fn small(&mut self, what: &str) -> Result<u32, FastTextError> {
        let n = self.i32()?;
        u32::try_from(n).map_err(|_| self.bad(format!("{n} as the number of {what}")))
    }

    pub fn floats(&mut self, n: usize) -> Result<Vec<f32>, FastTextError> {
        let bytes = n.checked_mul(4).ok_or_else(|| self.bad(format!("{n} numbers")))?;
        Ok(self.take(bytes)?.as_chunks::<4>().0.iter().map(|b| f32::from_le_bytes(*b)).collect())
    }

    /// Bytes up to a zero.
    pub fn text(&mut self) -> Result<String, FastTextError> {
        let rest = &self.bytes[self.at..];
        let Some(end) = rest.iter().position(|b| *b == 0) else { return Err(self.bad("a word without an end")) };
        self.at += end + 1;
        Ok(String::from_utf8_lossy(&rest[..end]).into_owned())
    }
}
