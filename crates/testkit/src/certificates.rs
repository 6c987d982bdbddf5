//! Certificates of our own making, by the `openssl` program.

use std::{path::Path, process::Command, sync::Arc};

use tempfile::TempDir;
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        ServerConfig,
        crypto::ring,
        pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    },
};

/// What is wrong with a server's certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quality {
    /// It is for `localhost`, and in time.
    Good,
    /// Its time is over.
    Expired,
    /// It is for another host.
    WrongHost,
}

/// An authority of our own.
pub struct Certificates {
    folder: TempDir,
}

impl Certificates {
    /// Makes one.
    ///
    /// # Panics
    /// Where `openssl` is missing or fails.
    #[must_use]
    pub fn new() -> Self {
        let folder = tempfile::tempdir().expect("failed to make a folder");
        let new = Self { folder };
        new.openssl(
            "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 36500 \
             -subj /CN=test-authority -keyout ca.key -out ca.pem",
        );
        new
    }

    /// The authority's certificate.
    ///
    /// # Panics
    /// Where it cannot be read.
    #[must_use]
    pub fn authority(&self) -> Vec<u8> {
        std::fs::read(self.path().join("ca.pem")).expect("failed to read a certificate")
    }

    /// A server's side of TLS.
    ///
    /// # Panics
    /// Where `openssl` fails.
    #[must_use]
    pub fn acceptor(&self, quality: Quality) -> TlsAcceptor {
        let host =
            if quality == Quality::WrongHost { "elsewhere.example.net" } else { "localhost" };
        let name = format!("{quality:?}");
        self.openssl(&format!(
            "req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj /CN={host} \
             -addext subjectAltName=DNS:{host} -keyout {name}.key -out {name}.csr"
        ));
        let days = if quality == Quality::Expired {
            "-not_before 20200101000000Z -not_after 20200102000000Z"
        } else {
            "-days 36500"
        };
        // `x509` takes dates only since 3.4; `ca` always did, and wants a folder of its own.
        std::fs::write(self.path().join("index.txt"), "").expect("failed to write");
        let dates = days.replace("-not_before", "-startdate").replace("-not_after", "-enddate");
        let section = "[ca]\ndefault_ca=d\n[d]\ndatabase=index.txt\nnew_certs_dir=.\n\
                       default_md=sha256\npolicy=p\ncopy_extensions=copy\nrand_serial=yes\n\
                       unique_subject=no\n[p]\ncommonName=supplied\n";
        std::fs::write(self.path().join("ca.cnf"), section).expect("failed to write");
        self.openssl(&format!(
            "ca -batch -notext -config ca.cnf -cert ca.pem -keyfile ca.key {dates} \
             -in {name}.csr -out {name}.pem"
        ));
        let chain = CertificateDer::from_pem_file(self.path().join(format!("{name}.pem")));
        let key = PrivateKeyDer::from_pem_file(self.path().join(format!("{name}.key")));
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("failed to set TLS up")
            .with_no_client_auth()
            .with_single_cert(
                vec![chain.expect("failed to read a certificate")],
                key.expect("failed to read a key"),
            )
            .expect("failed to use a certificate");
        TlsAcceptor::from(Arc::new(config))
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn openssl(&self, arguments: &str) {
        let ran = Command::new("openssl")
            .args(arguments.split_whitespace())
            .current_dir(self.path())
            .output()
            .expect("failed to run openssl");
        assert!(
            ran.status.success(),
            "failed to run openssl {arguments}: {}",
            String::from_utf8_lossy(&ran.stderr)
        );
    }
}

impl Default for Certificates {
    fn default() -> Self {
        Self::new()
    }
}
