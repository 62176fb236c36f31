//! Who is who in the lab: one authority, a certificate for each part, and the files in which they are told whom to trust.

use std::fs;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use anyhow::Result;
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa,
    KeyPair, KeyUsagePurpose,
};

use super::addresses::{API_SERVICE, NODE};

/// The name of the one node.
pub const NODE_NAME: &str = "lab";

/// Files of the lab's own authority.
#[derive(Debug, Clone)]
pub struct Credentials {
    folder: PathBuf,
}

/// Who speaks to the API, and as what.
#[derive(Debug, Clone, Copy)]
struct Client {
    file: &'static str,
    name: &'static str,
    group: Option<&'static str>,
}

const CLIENTS: [Client; 9] = [
    Client::new("administrator", "administrator", Some("system:masters")),
    Client::new("controllers", "system:kube-controller-manager", None),
    Client::new("scheduler", "system:kube-scheduler", None),
    Client::new("proxy", "system:kube-proxy", None),
    Client::new("dns", "dns", None),
    Client::new("metrics", "metrics", None),
    Client::new("node", "system:node:lab", Some("system:nodes")),
    // The API server asking the kubelet for logs.
    Client::new("asking", "asking-kubelet", Some("system:masters")),
    // The API server handing on what an added API is to answer.
    Client::new("handing-on", "handing-on", None),
];

impl Client {
    const fn new(file: &'static str, name: &'static str, group: Option<&'static str>) -> Self {
        Self { file, name, group }
    }
}

impl Credentials {
    /// New ones for everybody who calls the API at this address, in a folder that is closed to others.
    ///
    /// # Errors
    /// When the folder can't be written.
    pub fn create(folder: &Path, server: &str) -> Result<Self> {
        fs::create_dir_all(folder)?;
        let this = Self {
            folder: folder.to_owned(),
        };
        let authority = authority()?;
        this.write("authority.crt", &authority.pem())?;
        this.write("authority.key", &authority.key().serialize_pem())?;
        let accounts = KeyPair::generate()?;
        this.write("accounts.key", &accounts.serialize_pem())?;
        this.write("accounts.pub", &accounts.public_key_pem())?;
        let names = [
            "localhost",
            "127.0.0.1",
            NODE,
            API_SERVICE,
            NODE_NAME,
            "kubernetes",
            "kubernetes.default",
            "kubernetes.default.svc",
            "kubernetes.default.svc.cluster.local",
        ];
        let names: Vec<String> = names.map(str::to_owned).into();
        this.sign(&authority, "server", CertificateParams::new(names)?)?;
        for client in CLIENTS {
            let mut params = CertificateParams::new(Vec::new())?;
            params
                .distinguished_name
                .push(DnType::CommonName, client.name);
            if let Some(group) = client.group {
                params
                    .distinguished_name
                    .push(DnType::OrganizationName, group);
            }
            this.sign(&authority, client.file, params)?;
            this.write(
                &format!("{}.kubeconfig", client.file),
                &this.kubeconfig(client.file, server),
            )?;
        }
        Ok(this)
    }

    /// Where a file lies.
    pub fn path(&self, file: &str) -> PathBuf {
        self.folder.join(file)
    }

    /// How a client reaches the API at this address, with the files that it needs named.
    pub fn kubeconfig(&self, client: &str, server: &str) -> String {
        let path = |file: String| self.path(&file).display().to_string();
        let authority = path("authority.crt".into());
        let certificate = path(format!("{client}.crt"));
        let key = path(format!("{client}.key"));
        format!(
            "apiVersion: v1
kind: Config
current-context: lab
clusters:
- name: lab
  cluster: {{server: '{server}', certificate-authority: '{authority}'}}
users:
- name: {client}
  user: {{client-certificate: '{certificate}', client-key: '{key}'}}
contexts:
- name: lab
  context: {{cluster: lab, user: {client}}}
"
        )
    }

    fn sign(
        &self,
        by: &CertifiedIssuer<'static, KeyPair>,
        file: &str,
        mut params: CertificateParams,
    ) -> Result<()> {
        params.use_authority_key_identifier_extension = true;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![
            ExtendedKeyUsagePurpose::ServerAuth,
            ExtendedKeyUsagePurpose::ClientAuth,
        ];
        let key = KeyPair::generate()?;
        let certificate = params.signed_by(&key, by)?;
        self.write(&format!("{file}.crt"), &certificate.pem())?;
        self.write(&format!("{file}.key"), &key.serialize_pem())
    }

    fn write(&self, file: &str, text: &str) -> Result<()> {
        use std::io::Write;
        let mut options = fs::OpenOptions::new();
        options.write(true).create(true).truncate(true).mode(0o600);
        options.open(self.path(file))?.write_all(text.as_bytes())?;
        Ok(())
    }
}

fn authority() -> Result<CertifiedIssuer<'static, KeyPair>> {
    let mut params = CertificateParams::new(Vec::new())?;
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![
        KeyUsagePurpose::KeyCertSign,
        KeyUsagePurpose::DigitalSignature,
    ];
    params
        .distinguished_name
        .push(DnType::CommonName, "the authority of the lab");
    Ok(CertifiedIssuer::self_signed(params, KeyPair::generate()?)?)
}
