//! Readers of the data folder that claims share, here and in the crates above.

use std::io::Read;

use vectory_core::registry::{ClaimContext, ClaimError};

/// The texts of the archive of movie reviews, whole ones up to so many bytes.
///
/// # Errors
/// [`ClaimError`] when the data is missing or damaged.
pub fn movie_reviews(c: &ClaimContext, bytes: usize) -> Result<Vec<String>, ClaimError> {
    let file =
        fs_err::File::open(c.data("classification/movie_reviews/movie_reviews.zip")?).map_err(ClaimError::failed)?;
    let mut archive = zip::ZipArchive::new(file).map_err(ClaimError::failed)?;
    let (mut out, mut read) = (Vec::new(), 0);
    for i in 0..archive.len() {
        let mut entry = archive.by_index(i).map_err(ClaimError::failed)?;
        if !entry.name().map_err(ClaimError::failed)?.ends_with(".txt") {
            continue;
        }
        let mut text = Vec::new();
        entry.read_to_end(&mut text).map_err(ClaimError::failed)?;
        let text = String::from_utf8_lossy(&text).into_owned();
        read += text.len();
        if read > bytes {
            break;
        }
        out.push(text);
    }
    Ok(out)
}
