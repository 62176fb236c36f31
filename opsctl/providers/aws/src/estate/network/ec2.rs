//! Questions to EC2: a form, signed, retried and timed as every client of the SDK does it, and the pages of its answer.

use aws_config::SdkConfig;
use aws_runtime::auth::SigV4OperationSigningConfig;
use aws_runtime::auth::sigv4::{SCHEME_ID, SigV4AuthScheme};
use aws_runtime::retries::classifiers::AwsErrorCodeClassifier;
use aws_smithy_runtime::client::orchestrator::operation::Operation;
use aws_smithy_runtime::client::retries::classifiers::{
    HttpStatusCodeClassifier, TransientErrorClassifier,
};
use aws_smithy_runtime_api::client::auth::AuthSchemeOptionResolverParams;
use aws_smithy_runtime_api::client::auth::static_resolver::StaticAuthSchemeOptionResolver;
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse, OrchestratorError};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponentsBuilder;
use aws_smithy_runtime_api::client::runtime_plugin::StaticRuntimePlugin;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::config_bag::Layer;
use aws_smithy_types::error::ErrorMetadata;
use opsctl_core::Result;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::answer::Element;
use crate::trouble;

const SERVICE: &str = "ec2";
const VERSION: &str = "2016-11-15";

/// Who is asked, as whom, and where.
pub struct Ec2 {
    config: SdkConfig,
}

/// What is asked: an action that lists things, and which of them.
#[derive(Clone, Copy)]
pub struct Question<'a> {
    pub action: &'static str,
    /// The list in the answer.
    pub set: &'static str,
    /// A filter's name and its one value.
    pub filter: (&'static str, &'a str),
}

impl Ec2 {
    pub fn of(config: &SdkConfig) -> Self {
        Self {
            config: config.clone(),
        }
    }

    /// Everything that the question is about, page by page.
    pub async fn ask(&self, question: Question<'_>) -> Result<Vec<Element>> {
        let asking = self.operation(question.action);
        let mut found = Vec::new();
        let mut next = None;
        loop {
            let answer = asking.invoke(form(&question, next.as_deref())).await;
            let answer = answer.map_err(|error| {
                let what = format!("can't ask for the network (ec2:{})", question.action);
                trouble::of(what, &error)
            })?;
            found.extend(answer.items(question.set).cloned());
            next = answer.text("nextToken").map(str::to_owned);
            if next.is_none() {
                return Ok(found);
            }
        }
    }

    fn operation(&self, action: &'static str) -> Operation<String, Element, ErrorMetadata> {
        let config = &self.config;
        let mut building = Operation::builder()
            .service_name(SERVICE)
            .operation_name(action)
            .endpoint_url(&self.endpoint())
            .retry_classifier(TransientErrorClassifier::<ErrorMetadata>::new())
            .retry_classifier(AwsErrorCodeClassifier::<ErrorMetadata>::new())
            .retry_classifier(HttpStatusCodeClassifier::default())
            .runtime_plugin(self.signature());
        if let Some(version) = config.behavior_version() {
            building = building.behavior_version(version);
        }
        if let Some(retries) = config.retry_config() {
            building = building.standard_retry(retries);
        }
        if let Some(timeouts) = config.timeout_config() {
            building = building.timeout_config(timeouts.clone());
        }
        building.serializer(request).deserializer(answer).build()
    }

    /// By the keys that the standard chain found.
    fn signature(&self) -> StaticRuntimePlugin {
        let config = &self.config;
        let mut layer = Layer::new("signature");
        layer.store_put(AuthSchemeOptionResolverParams::new(()));
        layer.store_put(SigV4OperationSigningConfig {
            region: config.region().cloned().map(Into::into),
            name: Some(SERVICE.into()),
            ..SigV4OperationSigningConfig::default()
        });
        let signs = StaticAuthSchemeOptionResolver::new(vec![SCHEME_ID]);
        let mut components = RuntimeComponentsBuilder::new(SERVICE)
            .with_auth_scheme(SigV4AuthScheme::new())
            .with_auth_scheme_option_resolver(Some(signs));
        components.set_identity_cache(config.identity_cache());
        if let Some(client) = config.http_client() {
            components.set_http_client(Some(client));
        }
        if let Some(keys) = config.credentials_provider() {
            components.set_identity_resolver(SCHEME_ID, keys);
        }
        StaticRuntimePlugin::new()
            .with_config(layer.freeze())
            .with_runtime_components(components)
    }

    fn endpoint(&self) -> String {
        let region = self.config.region().map_or("", |region| region.as_ref());
        let china = if region.starts_with("cn-") { ".cn" } else { "" };
        match self.config.endpoint_url() {
            Some(given) => given.to_owned(),
            None => format!("https://{SERVICE}.{region}.amazonaws.com{china}"),
        }
    }
}

fn form(question: &Question<'_>, next: Option<&str>) -> String {
    let (name, value) = question.filter;
    let [name, value] = [name, value].map(|text| utf8_percent_encode(text, NON_ALPHANUMERIC));
    let page = next.map_or(String::new(), |next| {
        format!("&NextToken={}", utf8_percent_encode(next, NON_ALPHANUMERIC))
    });
    let action = question.action;
    format!("Action={action}&Version={VERSION}&Filter.1.Name={name}&Filter.1.Value.1={value}{page}")
}

fn request(
    form: String,
) -> std::result::Result<HttpRequest, aws_smithy_runtime_api::box_error::BoxError> {
    let mut request = HttpRequest::new(SdkBody::from(form));
    request.set_method("POST")?;
    request.set_uri("/")?;
    let kind = "application/x-www-form-urlencoded";
    request.headers_mut().insert("content-type", kind);
    Ok(request)
}

fn answer(
    response: &HttpResponse,
) -> std::result::Result<Element, OrchestratorError<ErrorMetadata>> {
    let text = response.body().bytes().map(String::from_utf8_lossy);
    let read = text.and_then(|text| Element::read(&text));
    match (response.status().is_success(), read) {
        (true, Some(read)) => Ok(read),
        (true, None) => Err(OrchestratorError::other("the answer is no XML")),
        (false, read) => Err(OrchestratorError::operation(refusal(read.as_ref()))),
    }
}

fn refusal(read: Option<&Element>) -> ErrorMetadata {
    let error = read.and_then(|it| it.at("Errors")?.at("Error"));
    let told = |name| error.and_then(|it| it.text(name));
    let mut metadata = ErrorMetadata::builder();
    if let Some(code) = told("Code") {
        metadata = metadata.code(code);
    }
    if let Some(message) = told("Message") {
        metadata = metadata.message(message);
    }
    metadata.build()
}
