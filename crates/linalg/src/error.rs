//! What can be wrong with a matrix.

/// Why a decomposition could not be had.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The operation needs as many rows as columns.
    #[error("a {rows} × {cols} matrix is not square")]
    NotSquare {
        /// Its rows.
        rows: usize,
        /// Its columns.
        cols: usize,
    },
    /// Two matrices whose shapes do not fit.
    #[error("shapes {left:?} and {right:?} do not fit for {operation}")]
    Shape {
        /// What was asked for.
        operation: &'static str,
        /// (rows, columns) of the first.
        left: (usize, usize),
        /// (rows, columns) of the second.
        right: (usize, usize),
    },
    /// The number of values is not rows × columns.
    #[error("{values} values do not make a {rows} × {cols} matrix")]
    Ragged {
        /// How many values there are.
        values: usize,
        /// Rows asked for.
        rows: usize,
        /// Columns asked for.
        cols: usize,
    },
    /// A value is NaN or infinite.
    #[error("the value at row {row}, column {col} is not finite")]
    NonFinite {
        /// Its row.
        row: usize,
        /// Its column.
        col: usize,
    },
    /// Cholesky met a pivot that is not positive; add to the diagonal (a ridge) or remove dependent columns.
    #[error("the matrix is not positive definite (pivot {pivot}); add a positive ridge to its diagonal")]
    NotPositiveDefinite {
        /// Where it stopped.
        pivot: usize,
    },
    /// The iteration did not converge; does not happen on finite input in practice.
    #[error("the {0} iteration did not converge")]
    NoConvergence(&'static str),
}

/// A result of this crate.
pub type Result<T> = std::result::Result<T, Error>;
