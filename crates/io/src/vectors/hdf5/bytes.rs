//! Little-endian fields of a mapped file, each read checked.

/// An address that stands for "nowhere".
pub const UNDEFINED: u64 = u64::MAX;

/// A run of bytes that is read from front to back.
#[derive(Clone, Copy)]
pub struct Bytes<'a> {
    all: &'a [u8],
}

impl<'a> Bytes<'a> {
    pub fn new(all: &'a [u8]) -> Self {
        Self { all }
    }

    pub fn len(self) -> usize {
        self.all.len()
    }

    /// What is left.
    pub fn rest(self) -> &'a [u8] {
        self.all
    }

    /// The `len` bytes at an address.
    pub fn at(self, address: u64, len: u64) -> Result<Bytes<'a>, String> {
        let range = usize::try_from(address).ok().zip(usize::try_from(len).ok());
        let range = range.and_then(|(start, len)| Some(start..start.checked_add(len)?));
        let part = range.and_then(|r| self.all.get(r));
        part.map(Bytes::new).ok_or_else(|| format!("leads to byte {address} and {len} on, outside of the file"))
    }

    /// All bytes from an address on.
    pub fn from(self, address: u64) -> Result<Bytes<'a>, String> {
        self.at(address, (self.all.len() as u64).saturating_sub(address))
    }

    pub fn take(&mut self, n: usize) -> Result<&'a [u8], String> {
        let (part, rest) = self.all.split_at_checked(n).ok_or("ends too early")?;
        self.all = rest;
        Ok(part)
    }

    pub fn skip(&mut self, n: usize) -> Result<(), String> {
        self.take(n).map(|_| ())
    }

    /// A whole number of `n` bytes, at most 8.
    pub fn uint(&mut self, n: usize) -> Result<u64, String> {
        let mut word = [0; 8];
        let place = word.get_mut(..n).ok_or_else(|| format!("has a number of {n} bytes"))?;
        place.copy_from_slice(self.take(n)?);
        Ok(u64::from_le_bytes(word))
    }

    pub fn u8(&mut self) -> Result<u8, String> {
        Ok(self.take(1)?[0])
    }

    pub fn u16(&mut self) -> Result<u16, String> {
        Ok(self.uint(2)? as u16)
    }

    pub fn u32(&mut self) -> Result<u32, String> {
        Ok(self.uint(4)? as u32)
    }

    pub fn u64(&mut self) -> Result<u64, String> {
        self.uint(8)
    }

    /// Goes past a signature and fails at another.
    pub fn signature(&mut self, want: &[u8; 4]) -> Result<(), String> {
        match self.take(4)? == want {
            true => Ok(()),
            false => Err(format!("has no {} where one should be", String::from_utf8_lossy(want))),
        }
    }

    /// Goes past a version and fails at another.
    pub fn version(&mut self, what: &str, legal: std::ops::RangeInclusive<u8>) -> Result<u8, String> {
        let version = self.u8()?;
        match legal.contains(&version) {
            true => Ok(version),
            false => Err(format!("has {what} of version {version}, expected {} to {}", legal.start(), legal.end())),
        }
    }
}
