//! A folder with an environment of its own, on a cluster that all tests share.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;
use testkit::postgres::Reaper;

use crate::ground::Ground;
use crate::manifests::Manifests;
use crate::running::Running;

/// How long the lock of an opsctl that was killed keeps others waiting. The machine may be busy.
const LEASE: &str = "5s";

/// How a command ended.
#[derive(Debug)]
pub struct Ended {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Ended {
    #[track_caller]
    pub fn expect(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{}{}", self.stdout, self.stderr);
        self
    }

    /// That it says this, on either side.
    #[track_caller]
    pub fn says(self, words: &str) -> Self {
        let said = format!("{}{}", self.stdout, self.stderr);
        assert!(said.contains(words), "'{words}' is not in: {said}");
        self
    }
}

/// An environment `cluster` with a namespace of its own.
pub struct Place {
    pub ground: Arc<Ground>,
    pub namespace: &'static str,
    engine: &'static str,
    _reaper: Reaper,
    folder: TempDir,
}

impl Place {
    /// On the shared cluster, with one pod and the smallest database.
    pub fn new(namespace: &'static str) -> Self {
        Self::on(Ground::shared(), namespace, "sqlite")
    }

    /// With a PostgreSQL.
    pub fn with_postgres(namespace: &'static str) -> Self {
        Self::on(Ground::shared(), namespace, "local-postgres")
    }

    pub fn on(ground: Arc<Ground>, namespace: &'static str, engine: &'static str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        // PostgreSQL's account must come in.
        let open = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        std::fs::set_permissions(folder.path(), open).unwrap();
        let place = Self {
            _reaper: Reaper::of(folder.path()).unwrap(),
            ground,
            namespace,
            engine,
            folder,
        };
        place.configured(&Value::Null);
        let kustomization = json!({"apiVersion": "kustomize.config.k8s.io/v1beta1",
            "kind": "Kustomization", "namespace": namespace, "resources": ["all.yaml"]});
        place.write("k8s/kustomization.yaml", &kustomization.to_string());
        place.release(&place.manifests("info"));
        if engine == "local-postgres" {
            place.well("local-postgres start");
        }
        place.well("migrate up");
        place
    }

    /// The environment, with these settings of its workloads beside the usual ones.
    pub fn configured(&self, workloads: &Value) {
        self.ruled(workloads, &Value::Null);
    }

    /// The environment, where these rules say who may do what.
    pub fn guarded(&self, guard: &Value) {
        self.ruled(&Value::Null, guard);
    }

    fn ruled(&self, workloads: &Value, guard: &Value) {
        let mut configuration = json!({"version": 1, "environments": {"cluster": {
            "database": {"engine": self.engine},
            "lock": {"lease": LEASE},
            "images": {"repository": format!("{}/probe", self.ground.registry())},
            "workloads": {
                "manifests": "k8s", "namespace": self.namespace,
                "kubeconfig": self.ground.lab.kubeconfig(),
                "patience": {"deadline": "90s", "grace": "10s"},
            },
        }}});
        let environment = &mut configuration["environments"]["cluster"];
        if guard.is_object() {
            environment["guard"] = guard.clone();
        }
        let own = &mut configuration["environments"]["cluster"]["workloads"];
        for (name, value) in workloads.as_object().into_iter().flatten() {
            own[name] = value.clone();
        }
        self.write("opsctl.yaml", &configuration.to_string());
    }

    /// What serves, with one pod.
    pub fn manifests(&self, level: &str) -> Manifests {
        Manifests::of(self.namespace, level, 1)
    }

    /// What serves, with two of them.
    pub fn two_pods(&self, level: &str) -> Manifests {
        Manifests::of(self.namespace, level, 2)
    }

    /// What the next release consists of.
    pub fn release(&self, manifests: &Manifests) {
        self.write("k8s/all.yaml", &manifests.text());
    }

    /// Another level, and nothing else.
    pub fn level(&self, level: &str) {
        self.release(&self.manifests(level));
    }

    pub fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap_or(Path::new("."))).unwrap();
        std::fs::write(path, text).unwrap();
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn run(&self, words: &str) -> Ended {
        self.run_with(words, "")
    }

    /// Words of which some hold spaces.
    pub fn run_words(&self, words: &[String]) -> Ended {
        ended(&self.opsctl().args(words).output().unwrap())
    }

    /// With a fault of `OPSCTL_FAULT`.
    pub fn run_with(&self, words: &str, fault: &str) -> Ended {
        ended(&self.command(words, fault).output().unwrap())
    }

    /// As somebody else.
    pub fn run_as(&self, who: &str, words: &str) -> Ended {
        ended(&self.command(words, "").env("USER", who).output().unwrap())
    }

    /// Starts it, and goes on; nobody reads what it says.
    pub fn start(&self, words: &str) -> Child {
        let mut command = self.command(words, "");
        command.stdout(Stdio::null()).stderr(Stdio::null());
        command.spawn().unwrap()
    }

    /// Runs what has to end by itself in that time.
    pub fn run_within(&self, words: &str, limit: Duration) -> Ended {
        let mut command = self.command(words, "");
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let deadline = Instant::now() + limit;
        while child.try_wait().unwrap().is_none() && Instant::now() < deadline {
            std::thread::sleep(Duration::from_millis(50));
        }
        // Of one that has ended there is nothing to kill.
        let _ended = child.kill();
        ended(&child.wait_with_output().unwrap())
    }

    /// Starts what goes on by itself.
    pub fn begin(&self, words: &str, fault: &str) -> Running {
        Running::of(self.command(words, fault))
    }

    pub fn command(&self, words: &str, fault: &str) -> Command {
        let mut command = self.opsctl();
        command.args(words.split(' '));
        if !fault.is_empty() {
            command.env("OPSCTL_FAULT", fault);
        }
        command
    }

    fn opsctl(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_opsctl"));
        command
            .args(["--env", "cluster"])
            .current_dir(self.folder.path())
            .env_remove("GITHUB_ACTIONS")
            .env_remove("CI")
            .stdin(Stdio::null());
        command
    }

    /// Runs what has to go well.
    #[track_caller]
    pub fn well(&self, words: &str) -> Ended {
        let ended = self.run(words);
        assert_eq!(ended.code, Some(0), "{words}: {}", ended.stderr);
        ended
    }

    /// The answer of a read.
    #[track_caller]
    pub fn json(&self, words: &str) -> Value {
        let ended = self.well(&format!("{words} --output json"));
        serde_json::from_str(&ended.stdout).unwrap()
    }

    /// How each release ended, the oldest first.
    pub fn ends(&self) -> Vec<String> {
        let releases = self.json("history")["releases"].clone();
        let all = releases.as_array().unwrap().iter();
        let verdict = |it: &Value| it["closed"]["verdict"].as_str().map(str::to_owned);
        all.map(|it| verdict(it).unwrap_or_else(|| "open".to_owned()))
            .collect()
    }

    /// The operation that began and did not end.
    pub fn open_operation(&self) -> Option<String> {
        let open = self.json("operation list --open");
        open["operations"][0]["operation"]
            .as_str()
            .map(str::to_owned)
    }

    /// The file of its SQLite database.
    pub fn database(&self) -> PathBuf {
        let text = std::fs::read_to_string(self.path(".opsctl/cluster/database.json")).unwrap();
        let descriptor: Value = serde_json::from_str(&text).unwrap();
        let url = descriptor["url"].as_str().unwrap();
        url.trim_start_matches("sqlite:").into()
    }

    /// The level that the configuration in the cluster says.
    pub fn live_level(&self) -> String {
        self.kubectl("get configmap/settings --output jsonpath={.data.level}")
    }

    /// Somebody edits by hand.
    pub fn patch(&self, object: &str, patch: &Value) {
        let patch = patch.to_string();
        let words = ["patch", object, "--type=merge", "--patch", &patch];
        self.ground.kubectl(self.namespace, &words);
    }

    /// kubectl in the namespace.
    pub fn kubectl(&self, words: &str) -> String {
        let words: Vec<&str> = words.split(' ').collect();
        self.ground.kubectl(self.namespace, &words)
    }
}

fn ended(output: &Output) -> Ended {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    Ended {
        code: output.status.code(),
        stdout: text(&output.stdout),
        stderr: text(&output.stderr),
    }
}
