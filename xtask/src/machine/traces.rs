//! The OpenTelemetry collector and Jaeger, built from their makers' modules by Go: the releases that `k8s/monitoring` runs.

use std::path::PathBuf;

use anyhow::Result;

use super::golang::Module;

/// Not optimised: it is built more often than it is waited for.
const QUICK: &[&str] = &["-gcflags=all=-N -l", "-ldflags", "-s -w"];

/// Release 0.162.0, with the components that our configuration names, and no other: a configuration that needs more fails here.
const COLLECTOR: Module = Module {
    name: "collector",
    files: &[
        ("go.mod", include_str!("../../collector/go.mod")),
        ("go.sum", include_str!("../../collector/go.sum")),
        ("main.go", include_str!("../../collector/main.go")),
    ],
    flags: QUICK,
    package: ".",
};

/// Its makers tag each release twice: 1.76.0, which Go takes, is 2.13.0. The pages are a placeholder; nobody reads them here.
const JAEGER: Module = Module {
    name: "jaeger",
    files: &[
        ("go.mod", include_str!("../../jaeger/go.mod")),
        ("go.sum", include_str!("../../jaeger/go.sum")),
    ],
    flags: QUICK,
    package: "github.com/jaegertracing/jaeger/cmd/jaeger",
};

/// The releases, as their images are called.
pub const RELEASES: [(&str, &str); 2] = [("otel-collector", "0.162.0"), ("jaeger", "2.13.0")];

/// What spans go through.
#[derive(Debug)]
pub struct Servers {
    pub collector: PathBuf,
    pub jaeger: PathBuf,
}

/// Builds both, where they are missing.
pub fn servers() -> Result<Servers> {
    Ok(Servers {
        collector: COLLECTOR.built()?,
        jaeger: JAEGER.built()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_built_is_the_release_that_is_told() {
        let of = |module: Module| {
            module
                .files
                .iter()
                .map(|(_, text)| *text)
                .collect::<String>()
        };
        let [(_, collector), (_, jaeger)] = RELEASES;
        assert!(of(COLLECTOR).contains(&format!("collector/otelcol v{collector}")));
        // The second number is 63 less in the images' name.
        let minor = jaeger
            .split('.')
            .nth(1)
            .and_then(|it| it.parse::<u32>().ok());
        let tag = format!(
            "jaegertracing/jaeger v1.{}.0",
            minor.unwrap_or_default() + 63
        );
        assert!(of(JAEGER).contains(&tag), "{tag}");
    }
}
