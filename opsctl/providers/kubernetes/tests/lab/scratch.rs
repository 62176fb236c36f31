use crate::objects::*;
use crate::stage::*;
use opsctl_core::ports::Cluster;
use opsctl_kubernetes::*;
use serde_json::json;
use std::time::{Duration, Instant};
#[tokio::test(flavor = "multi_thread")]
async fn look() -> anyhow::Result<()> {
    let stage = Stage::new("scratch").await?;
    let cluster = KubernetesCluster::connect(&of_file(stage.ground.lab.kubeconfig()), Patience { first: Duration::ZERO, away: Duration::ZERO, ..Patience::default() }).await?;
    cluster.identity().await?;
    let mut out = String::new();
    let mut t1 = deployment("scratch", "b"); t1.0["spec"]["replicas"] = json!("two");
    let mut t2 = config_map("scratch", "c", json!({"a": 1})); 
    let mut t3 = config_map("scratch", "d", json!({"a": "1"})); t3.0["data"] = json!("x");
    let mut t4 = config_map("scratch", "e", json!({"a": "1"})); t4.0["metadata"]["resourceVersion"] = json!("5");
    let mut t5 = config_map("scratch", "f", json!({"a": "1"})); t5.0["kind"] = json!("Secret");
    t5.0["data"] = json!({"a": "hunter2!"});
    let mut t6 = deployment("scratch", "g"); t6.0["spec"]["template"]["spec"]["containers"][0]["ports"] = json!([{"containerPort": 1, "protocol": "TCP"}, {"containerPort": 1, "protocol": "TCP"}]);
    let mut t7 = deployment("scratch", "h"); t7.0["spec"]["template"]["spec"]["containers"][0]["env"] = json!([{"name":"A","value":"1"},{"name":"A","value":"2"}]);
    let mut t8 = deployment("scratch", "i"); t8.0["spec"]["template"]["spec"]["containers"][0]["env"] = json!([{"name":"A","value":1}]);
    let mut t9 = deployment("scratch", "j"); t9.0["spec"]["template"]["spec"]["containers"][0]["resources"] = json!({"limits":{"cpu":"much"}});
    let mut t10 = deployment("scratch", "k"); t10.0["metadata"]["managedFields"] = json!([{"manager":"x"}]);
    let mut t11 = config_map("scratch", "l", json!({"a": "1"})); t11.0["metadata"]["uid"] = json!("00000000-0000-0000-0000-000000000000");
    let t12 = config_map("scratch", "m", json!({"a": "x".repeat(2_000_000)}));
    let t13 = config_map("scratch", "n", json!({"a": "x".repeat(4_000_000)}));
    let mut t14 = config_map("scratch", "o", json!({"a": "1"})); t14.0["metadata"]["labels"] = json!(["x"]);
    let mut t15 = config_map("scratch", "p", json!({"a": "1"})); t15.0["metadata"]["creationTimestamp"] = json!("yesterday");
    for o in [t1, t2, t3, t4.clone(), t5, t6, t7, t8, t9, t10, t11, t12, t13, t14, t15] {
        let r = cluster.preview(std::slice::from_ref(&o)).await;
        out += &format!("\nP {}: {}", o.reference(), match r { Ok(mut v) => format!("{:?}", v.remove(0)), Err(e) => format!("FAIL {e}") }.chars().take(700).collect::<String>());
    }
    let r = cluster.apply(&stage.grant.permit(), &t4).await;
    out += &format!("\nA {:?}", r);
    // figures
    let n = 2000;
    let objects: Vec<_> = (0..n).map(|i| { let mut d = deployment("scratch", &format!("d{i}")); d.0["metadata"]["labels"]["x"] = json!("y"); d }).collect();
    let began = Instant::now();
    let v = stage.cluster.preview(&objects).await?;
    out += &format!("\npreview of {n} new deployments {:?} ok {}", began.elapsed(), v.iter().filter(|x| x.is_ok()).count());
    drop(v);
    let began = Instant::now();
    for o in &objects { stage.apply(o).await?; }
    out += &format!("\napply of {n} one after another {:?}", began.elapsed());
    let began = Instant::now();
    let l = stage.cluster.list(&stage.scope("apps/v1", "Deployment")).await?;
    out += &format!("\nlist of {} {:?} {} bytes", l.objects.len(), began.elapsed(), serde_json::to_vec(&l.objects)?.len());
    let began = Instant::now();
    let v = stage.cluster.preview(&objects).await?;
    out += &format!("\npreview of {n} unchanged {:?} ok {}", began.elapsed(), v.iter().filter(|x| x.is_ok()).count());
    let status = std::fs::read_to_string("/proc/self/status")?;
    out += &status.lines().filter(|l| l.starts_with("VmHWM") || l.starts_with("VmRSS")).map(|l| format!("\n{l}")).collect::<String>();
    std::fs::write("/tmp/kscratch.txt", out)?;
    Ok(())
}
