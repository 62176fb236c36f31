//! The platform as `opsctl.yaml` and `k8s/` describe it, in a folder of its own: a lab, a PostgreSQL, two images of the service.

use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;
use testkit::lab::Lab;
use testkit::postgres::Reaper;

use crate::clients::Site;

/// Ports of the node, as `k8s/overlays/local` has them.
pub const API: u16 = 30443;
pub const AUTH: u16 = 30444;
/// Who the clients are is told by the load, which comes from the node. The autoscaler counts by what is requested: so little that one
/// machine, which has to ask too, can make it count.
pub const EACH: &str = r#"{"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "each"}, "spec": {"template": {"spec": {
    "containers": [{"name": "app", "env": [{"name": "TRUSTED_PROXIES", "value": "198.18.0.0/15"}],
        "resources": {"requests": {"cpu": "30m"}}}]}}}}"#;
pub const KUSTOMIZATION: &str = "
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
resources: [../local]
patches:
  - {path: each.yaml, target: {group: apps, kind: Deployment}}
";

/// How a command ended.
#[derive(Debug)]
pub struct Ended {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

pub struct Platform {
    lab: Lab,
    _reaper: Reaper,
    folder: TempDir,
}

impl Platform {
    /// Everything that a release needs: the database migrated, `v0.1.0` and `v0.2.0` in the registry.
    pub fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        // PostgreSQL's account must come in.
        let open = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        std::fs::set_permissions(folder.path(), open).unwrap();
        let images = ["one", "two"].map(|name| folder.path().join("images").join(name));
        // The moment that an image says it was made is part of it: the same program under another digest.
        build(&images[0], "1795435200");
        build(&images[1], "1795435201");
        let platform = Self {
            lab: Lab::start(&folder.path().join("lab")).unwrap(),
            _reaper: Reaper::of(folder.path()).unwrap(),
            folder,
        };
        let registry = platform.lab.registry().unwrap();
        for (folder, name) in images.iter().zip(["app:v0.1.0", "app:v0.2.0"]) {
            registry.push_layout(folder, name).unwrap();
        }
        platform.configure();
        for words in ["local-postgres start", "migrate up"] {
            platform.well(words);
        }
        let port = platform.json("local-postgres status")["port"].as_u64();
        let port = u16::try_from(port.unwrap()).unwrap();
        platform.lab.open_outwards(port, port).unwrap();
        platform
    }

    /// The environment as the repository has it, but for what lies elsewhere.
    fn configure(&self) {
        let text = std::fs::read_to_string(root().join("opsctl.yaml")).unwrap();
        let whole: Value = serde_yaml::from_str(&text).unwrap();
        let mut environment = whole["environments"]["local-cluster"].clone();
        environment["database"]
            .as_object_mut()
            .unwrap()
            .remove("port");
        let registry = self.lab.registry().unwrap().address();
        environment["images"] = json!({"repository": format!("{registry}/app")});
        environment["workloads"]["manifests"] = "k8s/overlays/asked".into();
        environment["workloads"]["kubeconfig"] = json!(self.lab.kubeconfig());
        let configuration = json!({"version": 1, "environments": {"local-cluster": environment}});
        self.write("opsctl.yaml", &configuration.to_string());
        copy(&root().join("k8s"), &self.folder.path().join("k8s"));
        self.write("k8s/overlays/asked/kustomization.yaml", KUSTOMIZATION);
        self.write("k8s/overlays/asked/each.yaml", EACH);
    }

    /// The next deploy's pods get this variable too.
    pub fn set(&self, name: &str, value: &str) {
        let mut patch: Value = serde_json::from_str(EACH).unwrap();
        let env = &mut patch["spec"]["template"]["spec"]["containers"][0]["env"];
        env.as_array_mut()
            .unwrap()
            .push(json!({"name": name, "value": value}));
        self.write("k8s/overlays/asked/each.yaml", &patch.to_string());
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    pub fn run(&self, words: &str) -> Ended {
        let mut command = Command::new(env!("CARGO_BIN_EXE_opsctl"));
        command
            .args(["--env", "local-cluster"])
            .args(words.split(' '));
        command.current_dir(self.folder.path());
        run(&mut command)
    }

    /// Runs what has to go well.
    pub fn well(&self, words: &str) -> Ended {
        let ended = self.run(words);
        assert_eq!(ended.code, Some(0), "{words}: {}", ended.stderr);
        ended
    }

    /// The answer of a read.
    pub fn json(&self, words: &str) -> Value {
        let ended = self.well(&format!("{words} --output json"));
        serde_json::from_str(&ended.stdout).unwrap()
    }

    /// How each release ended, the oldest first.
    pub fn ends(&self) -> Vec<String> {
        let releases = self.json("history")["releases"].clone();
        let all = releases.as_array().unwrap().iter();
        all.map(|it| {
            it["closed"]["verdict"]
                .as_str()
                .unwrap_or("open")
                .to_owned()
        })
        .collect()
    }

    /// The names of a role's pods, those on their way out among them.
    pub fn pods(&self, role: &str) -> Vec<String> {
        let label = format!("app.kubernetes.io/name={role}");
        let words = [
            "get",
            "pods",
            "--namespace=platform",
            "--output=name",
            "--selector",
            &label,
        ];
        let text = self.lab.kubectl(&words).unwrap();
        text.lines().map(str::to_owned).collect()
    }

    /// Waits until so many pods of a role answer.
    pub fn until_ready(&self, role: &str, enough: impl Fn(u64) -> bool, within: Duration) {
        let until = Instant::now() + within;
        let words = [
            "get",
            "deployment",
            role,
            "--namespace=platform",
            "--output=jsonpath={.status.readyReplicas}",
        ];
        loop {
            let text = self.lab.kubectl(&words).unwrap();
            if enough(text.trim().parse().unwrap_or(0)) {
                return;
            }
            let scaler = ["describe", "hpa", role, "--namespace=platform"];
            assert!(
                Instant::now() < until,
                "{text}: {}",
                self.lab.kubectl(&scaler).unwrap()
            );
            std::thread::sleep(Duration::from_millis(500));
        }
    }
}

impl Site for Platform {
    fn connect(&self, port: u16) -> anyhow::Result<TcpStream> {
        self.lab.connect(port)
    }

    fn authority(&self) -> Vec<u8> {
        std::fs::read(
            self.folder
                .path()
                .join(".opsctl/local-cluster/keys/pods.pem"),
        )
        .unwrap()
    }
}

/// The image of the service, built from this repository as it stands.
pub fn build(into: &Path, epoch: &str) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_opsctl"));
    command
        .args(["image", "build", "--tag", "v0.1.0", "--into"])
        .arg(into);
    command.current_dir(root()).env("SOURCE_DATE_EPOCH", epoch);
    let ended = run(&mut command);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
}

pub fn run(command: &mut Command) -> Ended {
    command
        .env_remove("GITHUB_ACTIONS")
        .env_remove("CI")
        .stdin(Stdio::null());
    let output = command.output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    Ended {
        code: output.status.code(),
        stdout: text(&output.stdout),
        stderr: text(&output.stderr),
    }
}

pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

pub fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let (path, into) = (
            entry.as_ref().unwrap().path(),
            to.join(entry.unwrap().file_name()),
        );
        if path.is_dir() {
            copy(&path, &into);
        } else {
            std::fs::copy(&path, &into).unwrap();
        }
    }
}
