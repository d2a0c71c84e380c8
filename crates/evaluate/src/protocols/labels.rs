//! Rows with labels, and how they are split.

use std::collections::BTreeMap;

use vectory_core::linear::stratified_folds;
use vectory_core::{Vectors, VectorsRef};

use super::ProtocolError;

/// Rows with the number of each one's class.
#[derive(Clone, Debug)]
pub struct Labelled {
    /// The rows.
    pub rows: Vectors,
    /// The class of each row, an index of `names`.
    pub labels: Vec<u32>,
    /// The classes, in alphabetical order.
    pub names: Vec<String>,
}

/// Rows to learn from and rows to be judged on.
#[derive(Clone, Debug)]
pub struct Split {
    /// To learn from.
    pub train: Labelled,
    /// To be judged on.
    pub test: Labelled,
}

impl Labelled {
    /// Names the classes by their labels.
    ///
    /// # Errors
    /// [`ProtocolError`]: not a label a row, or fewer than two classes.
    pub fn new<S: AsRef<str>>(rows: Vectors, labels: &[S]) -> Result<Self, ProtocolError> {
        if rows.rows() != labels.len() {
            return Err(ProtocolError::Pairs { rows: rows.rows(), labels: labels.len() });
        }
        let names: BTreeMap<&str, u32> = labels.iter().map(|l| (l.as_ref(), 0)).collect();
        let number: BTreeMap<&str, u32> = (0u32..).zip(names.keys()).map(|(i, n)| (*n, i)).collect();
        if number.len() < 2 {
            return Err(ProtocolError::TooFew(format!(
                "{} class among {} labels: two or more are needed",
                number.len(),
                labels.len()
            )));
        }
        let labels = labels.iter().map(|l| number[l.as_ref()]).collect();
        Ok(Self { rows, labels, names: number.keys().map(|n| (*n).to_owned()).collect() })
    }

    /// How many classes.
    #[must_use]
    pub fn classes(&self) -> usize {
        self.names.len()
    }

    /// Some of the rows, in this order.
    #[must_use]
    pub fn pick(&self, ids: &[usize]) -> Self {
        let mut rows = Vectors::zeros(ids.len(), self.rows.dim());
        ids.iter().enumerate().for_each(|(at, i)| rows.row_mut(at).copy_from_slice(self.rows.row(*i)));
        Self { rows, labels: ids.iter().map(|i| self.labels[*i]).collect(), names: self.names.clone() }
    }

    /// A fifth to be judged on, drawn within classes; the same for all models of the same labels.
    ///
    /// # Errors
    /// [`ProtocolError::TooFew`] for fewer than ten rows.
    pub fn split(&self, seed: u64) -> Result<Split, ProtocolError> {
        if self.labels.len() < 10 {
            return Err(ProtocolError::TooFew(format!(
                "{} rows: 10 or more are needed to hold some out",
                self.labels.len()
            )));
        }
        let folds = stratified_folds(&self.labels, 5, seed);
        Ok(Split { train: self.pick(&folds[0].train), test: self.pick(&folds[0].test) })
    }

    pub(super) fn view(&self) -> VectorsRef<'_> {
        self.rows.view()
    }

    /// The rows of each class.
    pub(super) fn members(&self) -> Vec<Vec<usize>> {
        let mut out = vec![vec![]; self.classes()];
        self.labels.iter().enumerate().for_each(|(i, l)| out[*l as usize].push(i));
        out
    }
}
