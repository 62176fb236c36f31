//! What AWS refused, in the shape in which everything goes wrong here: by the codes of the wire, which are not the names of the shapes.

use std::error::Error;

use aws_sdk_rds::error::{ProvideErrorMetadata, SdkError};
use opsctl_core::{Failure, FailureKind};

/// Codes of whoever may not ask: expired, unknown or refused.
const NOT_LET_IN: [&str; 10] = [
    "AccessDenied",
    "AccessDeniedException",
    "AuthFailure",
    "ExpiredToken",
    "ExpiredTokenException",
    "InvalidClientTokenId",
    "RequestExpired",
    "SignatureDoesNotMatch",
    "UnauthorizedOperation",
    "UnrecognizedClientException",
];

/// A call's failure in words, with AWS's own.
pub fn of<E, R>(what: impl Into<String>, error: &SdkError<E, R>) -> Failure
where
    SdkError<E, R>: ProvideErrorMetadata,
    E: Error + 'static,
    R: std::fmt::Debug,
{
    let kind = match (error, error.code()) {
        (_, Some(code)) if NOT_LET_IN.contains(&code) => FailureKind::Authentication,
        (SdkError::DispatchFailure(failure), _) if failure.is_other() => {
            FailureKind::Authentication
        }
        _ => FailureKind::Failed,
    };
    let failure = Failure::new(kind, what).cause(words(error));
    match kind {
        FailureKind::Authentication => {
            failure.hint("log in again: aws sso login, or renew the role's keys")
        }
        _ => failure,
    }
}

/// Whether it is the refusal with that code of the wire.
pub fn is<E, R>(error: &SdkError<E, R>, code: &str) -> bool
where
    SdkError<E, R>: ProvideErrorMetadata,
{
    error.code() == Some(code)
}

/// Whether AWS said no: an answer with a code, from the service and not from something that broke on the way.
pub fn is_a_no<E, R>(error: &SdkError<E, R>) -> bool
where
    SdkError<E, R>: ProvideErrorMetadata,
{
    const BROKEN: [&str; 3] = ["InternalFailure", "InternalError", "ServiceUnavailable"];
    match error {
        SdkError::ServiceError(_) => error.code().is_some_and(|code| !BROKEN.contains(&code)),
        SdkError::ConstructionFailure(_) => true,
        _ => false,
    }
}

/// AWS's code and message, or why there is no answer.
pub fn words<E, R>(error: &SdkError<E, R>) -> String
where
    SdkError<E, R>: ProvideErrorMetadata,
    E: Error + 'static,
    R: std::fmt::Debug,
{
    match (error.code(), error.message()) {
        (Some(code), Some(message)) => format!("{code}: {message}"),
        (Some(code), None) => code.to_owned(),
        (None, _) => match error {
            SdkError::TimeoutError(_) => "AWS gave no answer in time".into(),
            SdkError::DispatchFailure(failure) => match failure.as_connector_error() {
                Some(error) => innermost(error),
                None => "AWS can't be asked".into(),
            },
            _ => "AWS's answer can't be understood".into(),
        },
    }
}

fn innermost(error: &(dyn Error + 'static)) -> String {
    let mut last = error;
    while let Some(source) = last.source() {
        last = source;
    }
    last.to_string()
}
