//! The platform as the environment `rehearsal` describes it: an AWS of its own, a lab as its cluster, and the service in it.

use std::net::TcpStream;
use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;
use testkit::lab::{Authenticator, Cable, Lab, Shape};
use testkit_aws::rehearsal::{BACKUP, Files, Furnished, HOME, NAME, Ports, furnish, join};
use testkit_aws::{Fault, Rule, Service, Times, Told};
use tokio::runtime::Runtime;

use crate::clients::Site;
use crate::platform::{EACH, Ended, KUSTOMIZATION, build, copy, root, run};

/// What the service is called in the registry.
pub const VERSION: &str = "v0.1.0";
/// The ports of the node by which a drill's user comes, as `k8s/overlays/rehearsal-abroad` has them.
const ABROAD_PORTS: [(&str, u16); 2] = [("url", 30453), ("login_url", 30454)];

/// Fields are dropped in this order: whoever asks goes before who is asked.
pub struct Rehearsal {
    files: Files,
    authority: String,
    _authenticator: Authenticator,
    cable: Cable,
    lab: Lab,
    pub account: Furnished,
    runtime: Runtime,
    folder: TempDir,
}

impl Rehearsal {
    /// The account as Terraform leaves it, beside a lab; the service's image is in its registry.
    pub fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let runtime = Runtime::new().unwrap();
        let place = folder.path().join("lab");
        let port = testkit::ports::free_port().unwrap();
        let lab = Lab::start_asking(Shape::Node, &place, port).unwrap();
        // The first cable is of whoever rehearses by hand meanwhile.
        let number = u8::try_from(1 + std::process::id() % 127).unwrap();
        let cable = Cable::lay(&place, number).unwrap();
        let machine = Some(cable.machine().into());
        let starting = Furnished::start(Ports::default(), machine);
        // The account's own tasks run on every thread of this runtime.
        let account = runtime.block_on(async { tokio::spawn(starting).await.unwrap() });
        let account = account.unwrap();
        let rehearsal = Self {
            files: Files::write(&folder.path().join("account"), &account).unwrap(),
            authority: furnish(&cable, &account).unwrap(),
            _authenticator: join(&place, port, &account.aws).unwrap(),
            cable,
            lab,
            account,
            runtime,
            folder,
        };
        rehearsal.configure();
        rehearsal.push();
        rehearsal
    }

    /// The environment as the repository has it, but for what lies elsewhere.
    fn configure(&self) {
        let text = std::fs::read_to_string(root().join("opsctl.yaml")).unwrap();
        let whole: Value = serde_yaml::from_str(&text).unwrap();
        let mut environment = whole["environments"]["rehearsal"].clone();
        environment["images"] = json!({"repository": format!("{}/app", self.account.registry)});
        environment["workloads"]["manifests"] = "k8s/overlays/asked".into();
        let abroad = &mut environment["workloads"]["abroad"];
        abroad["repository"] = format!("{}/app", self.account.abroad).into();
        for (field, port) in ABROAD_PORTS {
            abroad[field] = format!("https://{}:{port}", self.cable.node()).into();
        }
        let configuration = json!({"version": 1, "promises": whole["promises"], "environments": {"rehearsal": environment}});
        self.write("opsctl.yaml", &configuration.to_string());
        copy(&root().join("k8s"), &self.folder.path().join("k8s"));
        let kustomization = KUSTOMIZATION.replace("../local", "../rehearsal");
        self.write("k8s/overlays/asked/kustomization.yaml", &kustomization);
        // As much of the processor as it would really get: three pods are to stay three.
        let each = EACH.replace("30m", "200m");
        self.write("k8s/overlays/asked/each.yaml", &each);
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    /// The image of the service, tried in the lab and promoted from there.
    fn push(&self) {
        let folder = self.folder.path().join("image");
        build(&folder, "1795435200");
        let registry = self.lab.registry().unwrap();
        let name = format!("app:{VERSION}");
        let tried = registry.push_layout(&folder, &name).unwrap();
        let own = format!("{}/{name}", self.account.registry);
        self.well(&format!("image promote {tried} {own} --yes"));
    }

    pub fn run(&self, words: &str) -> Ended {
        self.run_with(words, None)
    }

    /// Runs it with a fault.
    pub fn run_with(&self, words: &str, fault: Option<&str>) -> Ended {
        let mut command = Command::new(env!("CARGO_BIN_EXE_opsctl"));
        command.args(["--env", "rehearsal"]).args(words.split(' '));
        command
            .envs(self.files.variables())
            .env("AWS_PROFILE", "rehearsal")
            .envs(fault.map(|fault| ("OPSCTL_FAULT", fault)));
        run(command.current_dir(self.folder.path()))
    }

    /// Runs what has to go well.
    pub fn well(&self, words: &str) -> Ended {
        let ended = self.run(words);
        assert_eq!(
            ended.code,
            Some(0),
            "{words}: {}{}",
            ended.stdout,
            ended.stderr
        );
        ended
    }

    /// The result of an operation that has to go well.
    pub fn result(&self, words: &str) -> Value {
        let ended = self.well(&format!("{words} --output json"));
        let last = ended.stdout.lines().last().unwrap();
        serde_json::from_str::<Value>(last).unwrap()["result"].clone()
    }
}

/// What is looked at behind everybody's back.
impl Rehearsal {
    fn ask(&self, service: Service, action: &str, said: Value) -> Told {
        let _inside = self.runtime.enter();
        let aws = &self.account.aws;
        aws.console(aws.account(), HOME)
            .ask(service, action, said)
            .unwrap()
    }

    /// The first region is lost, with its databases and registries.
    pub fn lose_the_region(&self) {
        let lost = Rule::new(Fault::BlackHole, Times::Always).region(HOME);
        self.account.aws.faults().add(lost);
    }

    /// The image that serves, by its digest.
    pub fn serving_image(&self) -> String {
        let words = [
            "get",
            "deployment",
            "api",
            "--namespace=platform",
            "--output=jsonpath={.spec.template.spec.containers[0].image}",
        ];
        self.lab.kubectl(&words).unwrap().trim().to_owned()
    }

    /// The names of the namespaces that are there.
    pub fn namespaces(&self) -> String {
        let words = ["get", "namespaces", "--output=name"];
        self.lab.kubectl(&words).unwrap()
    }

    /// An instance that stands in the backup region.
    pub fn copy_abroad(&self) -> Option<String> {
        let _inside = self.runtime.enter();
        let aws = &self.account.aws;
        let console = aws.console(aws.account(), BACKUP);
        let told = console.ask(Service::Rds, "DescribeDBInstances", json!({}));
        let told = told.unwrap();
        told.text("DBInstanceIdentifier").map(str::to_owned)
    }

    fn instance(&self) -> Told {
        let named = json!({"DBInstanceIdentifier": NAME});
        self.ask(Service::Rds, "DescribeDBInstances", named)
    }

    /// A statement in the instance that Terraform made, as its administrator.
    pub fn sql(&self, statement: &str) -> String {
        let secret = json!({"SecretId": format!("{NAME}/database-master")});
        let told = self.ask(Service::SecretsManager, "GetSecretValue", secret);
        let master: Value = serde_json::from_str(told.text("SecretString").unwrap()).unwrap();
        let endpoint = self.instance().inside("Endpoint");
        let psql = testkit::postgres::find().unwrap().program("psql");
        let mut psql = Command::new(psql);
        psql.env("PGPASSWORD", master["password"].as_str().unwrap());
        psql.args([
            "-X",
            "-q",
            "-A",
            "-t",
            "-v",
            "ON_ERROR_STOP=1",
            "-d",
            "app",
            "-c",
            statement,
        ]);
        for (option, value) in [
            ("--host", endpoint.text("Address").unwrap()),
            ("--port", endpoint.text("Port").unwrap()),
            ("--username", master["username"].as_str().unwrap()),
        ] {
            psql.args([option, value]);
        }
        let ended = run(&mut psql);
        assert_eq!(ended.code, Some(0), "{statement}: {}", ended.stderr);
        ended.stdout.trim().to_owned()
    }

    /// In bytes.
    pub fn database_size(&self) -> u64 {
        self.sql("SELECT pg_database_size('app')").parse().unwrap()
    }

    /// The database's own time.
    pub fn now(&self) -> String {
        self.sql("SELECT to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')")
    }

    /// Lets five minutes of AWS's pass, after which its log lies where points in time are reached from.
    pub fn ships_its_log(&self) {
        let restorable = || {
            self.instance()
                .text("LatestRestorableTime")
                .map(str::to_owned)
        };
        let (before, began) = (restorable(), Instant::now());
        self.account.aws.clock().advance(Duration::from_secs(400));
        while restorable() == before {
            assert!(
                began.elapsed() < Duration::from_secs(120),
                "no log is shipped"
            );
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

impl Site for Rehearsal {
    fn connect(&self, port: u16) -> anyhow::Result<TcpStream> {
        self.lab.connect(port)
    }

    fn authority(&self) -> Vec<u8> {
        self.authority.clone().into_bytes()
    }
}
