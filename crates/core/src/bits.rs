//! Rows of bits, packed.

/// Rows of bits, each in whole words; bits past the end of a row are zero. Bit `j` of a row is bit `j % 8` of its byte `j / 8`, as
/// bytes lie in a file (the order within a byte does not matter to any metric, as long as all rows have the same).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BitRows {
    words: Vec<u64>,
    bits: usize,
}

/// [`BitRows`], borrowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BitRowsRef<'a> {
    words: &'a [u64],
    bits: usize,
}

impl BitRows {
    /// Rows of `per_row` bytes each; `None` when the bytes are not whole rows, or rows have no byte.
    #[must_use]
    pub fn from_bytes(bytes: &[u8], per_row: usize) -> Option<Self> {
        if per_row == 0 || !bytes.len().is_multiple_of(per_row) {
            return None;
        }
        let mut words = Vec::with_capacity(bytes.len() / per_row * per_row.div_ceil(8));
        for row in bytes.chunks_exact(per_row) {
            words.extend(row.chunks(8).map(|part| {
                let mut word = [0; 8];
                word[..part.len()].copy_from_slice(part);
                u64::from_le_bytes(word)
            }));
        }
        Some(Self { words, bits: 8 * per_row })
    }

    /// Borrowed.
    #[must_use]
    pub fn view(&self) -> BitRowsRef<'_> {
        BitRowsRef { words: &self.words, bits: self.bits }
    }
}

impl<'a> BitRowsRef<'a> {
    /// Sees words as rows of `bits` bits; `None` when they are not whole rows.
    #[must_use]
    pub fn new(words: &'a [u64], bits: usize) -> Option<Self> {
        (bits > 0 && words.len().is_multiple_of(bits.div_ceil(64))).then_some(Self { words, bits })
    }

    /// Bits a row.
    #[must_use]
    pub fn bits(self) -> usize {
        self.bits
    }

    /// How many rows.
    #[must_use]
    pub fn rows(self) -> usize {
        self.words.len() / self.words_per_row()
    }

    /// Words a row.
    #[must_use]
    pub fn words_per_row(self) -> usize {
        self.bits.div_ceil(64)
    }

    /// All words.
    #[must_use]
    pub fn as_slice(self) -> &'a [u64] {
        self.words
    }

    /// Row `i`.
    #[inline]
    #[must_use]
    pub fn row(self, i: usize) -> &'a [u64] {
        &self.words[i * self.words_per_row()..][..self.words_per_row()]
    }

    /// All rows in turn.
    pub fn iter(self) -> impl ExactSizeIterator<Item = &'a [u64]> {
        self.words.chunks_exact(self.words_per_row())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_filled_up_to_words() {
        let rows = BitRows::from_bytes(&[1, 0, 0, 0, 0, 0, 0, 0, 255, 2, 0, 0, 0, 0, 0, 0, 0, 3], 9).unwrap();
        let view = rows.view();
        assert_eq!((view.rows(), view.bits(), view.row(0), view.row(1)), (2, 72, &[1, 255][..], &[2, 3][..]));
        assert_eq!(view.iter().count(), 2);
        assert!(BitRows::from_bytes(&[1, 2, 3], 2).is_none() && BitRows::from_bytes(&[], 0).is_none());
        assert!(BitRowsRef::new(view.as_slice(), 72).is_some() && BitRowsRef::new(&[1, 2, 3], 72).is_none());
    }
}
