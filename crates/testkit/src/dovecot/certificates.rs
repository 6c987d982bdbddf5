//! A CA for one test, and what it signs.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

/// What the server shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Certificate {
    /// Valid for `localhost`.
    Good,
    /// For `localhost`, and over since 2020.
    Expired,
    /// Valid, for another host.
    OtherHost,
}

impl Certificate {
    pub(crate) fn file(self) -> &'static str {
        match self {
            Self::Good => "good.crt",
            Self::Expired => "expired.crt",
            Self::OtherHost => "other.crt",
        }
    }
}

/// Makes all of them, and shows the good one.
pub(super) fn make(folder: &Path) {
    let curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
    let configuration = "[ca]
default_ca=d
[d]
database=index.txt
new_certs_dir=.
certificate=ca.crt
private_key=ca.key
default_md=sha256
rand_serial=yes
policy=p
email_in_dn=no
unique_subject=no
copy_extensions=none
[p]
commonName=supplied
[local]
subjectAltName=DNS:localhost
extendedKeyUsage=serverAuth
basicConstraints=CA:FALSE
[other]
subjectAltName=DNS:other.example
extendedKeyUsage=serverAuth
basicConstraints=CA:FALSE
";
    fs::write(folder.join("ca.cnf"), configuration).expect("the CA's configuration");
    fs::write(folder.join("index.txt"), "").expect("the CA's index");
    let ca = ["req", "-x509", "-days", "2", "-subj", "/CN=test CA", "-keyout", "ca.key"];
    openssl(folder, &[&ca[..], &["-out", "ca.crt"], &curve].concat());
    let request = ["req", "-new", "-subj", "/CN=test server", "-keyout", "server.key"];
    openssl(folder, &[&request[..], &["-out", "server.csr"], &curve].concat());
    let past = ["-startdate", "20200101000000Z", "-enddate", "20200201000000Z"];
    for (certificate, names, time) in [
        (Certificate::Good, "local", &["-days", "2"][..]),
        (Certificate::Expired, "local", &past),
        (Certificate::OtherHost, "other", &["-days", "2"]),
    ] {
        let sign = ["ca", "-batch", "-notext", "-config", "ca.cnf", "-in", "server.csr"];
        let to = ["-extensions", names, "-out", certificate.file()];
        openssl(folder, &[&sign[..], &to, time].concat());
    }
    present(folder, Certificate::Good);
}

/// Shows `certificate` from the next reload on.
pub(super) fn present(folder: &Path, certificate: Certificate) {
    fs::copy(folder.join(certificate.file()), folder.join("server.crt")).expect("a certificate");
}

fn openssl(folder: &Path, arguments: &[&str]) {
    let output = Command::new("openssl")
        .args(arguments)
        .current_dir(folder)
        .stdin(Stdio::null())
        .output()
        .expect("openssl");
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "openssl {arguments:?}: {text}");
}
