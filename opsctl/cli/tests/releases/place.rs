//! A folder with an environment of its own, on a cluster that all tests share.

use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;
use testkit::lab::{Image, Lab, tools_folder};
use testkit::postgres::Reaper;

/// The lab, with the image of the tests' program in its registry.
pub struct Ground {
    pub lab: Lab,
    _folder: TempDir,
}

impl Ground {
    /// One for all tests that run at the same time; it ends with the last of them.
    fn shared() -> Arc<Self> {
        static SHARED: Mutex<Weak<Ground>> = Mutex::new(Weak::new());
        let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(running) = shared.upgrade() {
            return running;
        }
        let folder = tempfile::tempdir().unwrap();
        let lab = Lab::start(folder.path()).unwrap();
        let image = Image::of(&tools_folder().join("probe")).unwrap();
        lab.registry()
            .unwrap()
            .push(&image, "probe:v1.0.0")
            .unwrap();
        let started = Arc::new(Self {
            lab,
            _folder: folder,
        });
        *shared = Arc::downgrade(&started);
        started
    }
}

/// How a command ended.
#[derive(Debug)]
pub struct Ended {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

/// An environment `cluster` with a namespace of its own.
pub struct Place {
    pub ground: Arc<Ground>,
    pub namespace: &'static str,
    _reaper: Reaper,
    folder: TempDir,
}

impl Place {
    pub fn new(namespace: &'static str) -> Self {
        let ground = Ground::shared();
        let folder = tempfile::tempdir().unwrap();
        // PostgreSQL's account must come in.
        let open = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        std::fs::set_permissions(folder.path(), open).unwrap();
        let place = Self {
            _reaper: Reaper::of(folder.path()).unwrap(),
            ground,
            namespace,
            folder,
        };
        place.configure();
        for words in ["local-postgres start", "migrate up"] {
            place.well(words);
        }
        place
    }

    fn configure(&self) {
        self.configured(&Value::Null);
        let kustomization = json!({"apiVersion": "kustomize.config.k8s.io/v1beta1",
            "kind": "Kustomization", "namespace": self.namespace, "resources": ["all.yaml"]});
        self.write("k8s/kustomization.yaml", &kustomization.to_string());
        self.manifests("info", &json!({}));
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
            "database": {"engine": "local-postgres"},
            "lock": {"lease": "2s"},
            "images": {"repository": format!("{}/probe", self.registry())},
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

    fn registry(&self) -> String {
        self.ground.lab.registry().unwrap().address().to_owned()
    }

    /// The manifests: a namespace, a configuration, and a workload whose container is changed so.
    pub fn manifests(&self, level: &str, container: &Value) {
        let mut whole = json!({"name": "web", "image": "app", "args": ["serve", "8080"],
            "env": [{"name": "LEVEL", "valueFrom": {"configMapKeyRef": {"name": "settings", "key": "level"}}}],
            "readinessProbe": {"httpGet": {"path": "/ready", "port": 8080}, "periodSeconds": 1}});
        for (name, value) in container.as_object().into_iter().flatten() {
            whole[name] = value.clone();
        }
        let documents = [
            json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": self.namespace}}),
            json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "settings"},
                "data": {"level": level}}),
            json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"}, "spec": {
                "replicas": 2, "selector": {"matchLabels": {"app": "web"}},
                "strategy": {"rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0}},
                "template": {"metadata": {"labels": {"app": "web"}, "annotations": {"level": level}},
                    "spec": {"terminationGracePeriodSeconds": 1, "containers": [whole]}}}}),
        ];
        let texts: Vec<String> = documents.iter().map(Value::to_string).collect();
        self.write("k8s/all.yaml", &texts.join("\n---\n"));
    }

    pub fn write(&self, name: &str, text: &str) {
        let path = self.folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap_or(Path::new("."))).unwrap();
        std::fs::write(path, text).unwrap();
    }

    pub fn run(&self, words: &str) -> Ended {
        self.run_with(words, &[])
    }

    pub fn run_with(&self, words: &str, variables: &[(&str, &str)]) -> Ended {
        ended(&self.command(words, variables).output().unwrap())
    }

    fn command(&self, words: &str, variables: &[(&str, &str)]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_opsctl"));
        command
            .args(["--env", "cluster"])
            .args(words.split(' '))
            .current_dir(self.folder.path())
            .env_remove("GITHUB_ACTIONS")
            .env_remove("CI")
            .envs(variables.iter().copied())
            .stdin(Stdio::null());
        command
    }

    /// Runs what has to end by itself in that time.
    pub fn run_within(&self, words: &str, limit: Duration) -> Ended {
        let mut command = self.command(words, &[]);
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

    /// The level that the configuration in the cluster says.
    pub fn level(&self) -> String {
        let path = "jsonpath={.data.level}";
        let words = [
            "get",
            "configmap/settings",
            "--namespace",
            self.namespace,
            "--output",
            path,
        ];
        self.ground.lab.kubectl(&words).unwrap()
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
