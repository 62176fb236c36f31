//! An environment for the first time, up to where a person has to do something; and on from there.

use crate::runner::Runner;
use crate::stage::Stage;

/// With a repository of images in which nothing lies.
fn with_images(runner: &Runner) {
    runner.configure(|text| {
        text.replace(
            "    lock:\n",
            "    images: { repository: \"127.0.0.1:9/app\" }\n    lock:\n",
        )
    });
}

/// With manifests too, whose names Terraform has not written down.
fn with_manifests(runner: &Runner) {
    runner.configure(|text| {
        text.replace(
            "    lock:\n",
            "    images: { repository: \"127.0.0.1:9/app\" }\n    workloads: { manifests: k8s, namespace: platform, outputs: outputs.json }\n    lock:\n",
        )
    });
}

#[test]
fn an_environment_is_brought_up_as_far_as_nobody_has_to_do_anything_and_then_further() {
    let stage = Stage::bare();
    let runner = Runner::of(&stage);
    with_manifests(&runner);
    let words = ["env", "bring-up", "v1.0.0", "--yes"];
    let stopped = runner.run_plainly(&words).expect(2);
    for told in [
        "1 of 10: the account: 111111111111 in eu-central-1",
        "2 of 10: a place for the state: state",
        "3 of 10: Terraform's names",
        "output -json manifests > outputs.json",
    ] {
        assert!(
            stopped.said().contains(told),
            "'{told}': {}",
            stopped.said()
        );
    }
    assert!(
        stage.state_is_empty(),
        "nothing was made before it could be"
    );

    with_images(&runner);
    let further = runner.run_plainly(&words).expect(1);
    for told in [
        "opsctl --env staging --yes migrate up",
        "opsctl --env staging --yes secrets init",
        "7 of 10: the image",
        "image promote",
    ] {
        assert!(
            further.said().contains(told),
            "'{told}': {}",
            further.said()
        );
    }
    assert_eq!(
        stage.sql("orders", "SELECT count(*) FROM users"),
        "0",
        "the schema is there"
    );
    let again = runner.run_plainly(&words).expect(1);
    assert!(
        again.said().contains("7 of 10: the image"),
        "{}",
        again.said()
    );
}

#[test]
fn an_environment_without_an_account_is_refused() {
    let stage = Stage::bare();
    let runner = Runner::of(&stage);
    runner.configure(|_| {
        "version: 1\nenvironments:\n  staging:\n    database: { engine: sqlite }\n".to_owned()
    });
    let refused = runner.run_plainly(&["env", "bring-up", "v1.0.0"]).expect(2);
    assert!(
        refused.said().contains("'staging' names no account of AWS"),
        "{}",
        refused.said()
    );
}
