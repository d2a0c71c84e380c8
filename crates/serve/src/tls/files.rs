//! A server's certificate and key.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use thiserror::Error;

use super::provider;

/// Where a server's certificate and key are, both as PEM.
#[derive(Clone, Debug)]
pub struct TlsFiles {
    /// The server's certificate, then those that lead to its authority.
    pub cert: PathBuf,
    /// Its private key: PKCS#8, PKCS#1 or SEC1, without a password.
    pub key: PathBuf,
}

/// Why certificates cannot be used.
#[derive(Debug, Error)]
pub enum TlsError {
    /// A file cannot be read.
    #[error("{path}: {source}")]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A file is not what it should be.
    #[error("{path}: {why}")]
    Form {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// Certificate and key are each well, but not of each other.
    #[error("{key}: this key does not belong to the certificate in {cert}")]
    Mismatch {
        /// The file of the certificate.
        cert: PathBuf,
        /// The file of the key.
        key: PathBuf,
    },
    /// This machine trusts nobody.
    #[error("this system has no list of trusted certificate authorities ({0}); name one with --ca-cert")]
    NoRoots(String),
}

fn form(path: &Path, why: impl Into<String>) -> TlsError {
    TlsError::Form { path: path.to_owned(), why: why.into() }
}

/// Every certificate of a PEM file; at least one.
pub(super) fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let bytes = read(path)?;
    let list = CertificateDer::pem_slice_iter(&bytes).collect::<Result<Vec<_>, _>>();
    let list = list.map_err(|e| form(path, format!("is not PEM: {e}")))?;
    if list.is_empty() {
        return Err(form(path, "has no certificate: expected PEM with BEGIN CERTIFICATE"));
    }
    Ok(list)
}

fn private_key(path: &Path) -> Result<PrivateKeyDer<'static>, TlsError> {
    let bytes = read(path)?;
    if bytes.windows(9).any(|w| w == b"ENCRYPTED") {
        return Err(form(path, "is locked with a password: write it without one (openssl pkey -in F -out G)"));
    }
    PrivateKeyDer::from_pem_slice(&bytes).map_err(|e| match e {
        rustls::pki_types::pem::Error::NoItemsFound => {
            form(path, "has no private key: expected PEM with BEGIN PRIVATE KEY")
        }
        e => form(path, format!("is not PEM: {e}")),
    })
}

#[expect(clippy::disallowed_methods, reason = "the error names the file itself")]
fn read(path: &Path) -> Result<Vec<u8>, TlsError> {
    std::fs::read(path).map_err(|source| TlsError::Read { path: path.to_owned(), source })
}

impl TlsFiles {
    /// Reads both and sees whether they belong together.
    ///
    /// # Errors
    /// [`TlsError`] names the file and what is wrong with it.
    pub fn load(&self) -> Result<Arc<ServerConfig>, TlsError> {
        let (chain, key) = (certificates(&self.cert)?, private_key(&self.key)?);
        let builder = ServerConfig::builder_with_provider(provider())
            .with_safe_default_protocol_versions()
            .map_err(|e| form(&self.cert, e.to_string()))?;
        let mut config = builder.with_no_client_auth().with_single_cert(chain, key).map_err(|e| match e {
            rustls::Error::InconsistentKeys(_) => TlsError::Mismatch { cert: self.cert.clone(), key: self.key.clone() },
            rustls::Error::InvalidCertificate(_) => form(&self.cert, format!("cannot be used: {e}")),
            e => form(&self.key, format!("cannot be used: {e}")),
        })?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Arc::new(config))
    }
}
