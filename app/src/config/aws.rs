//! Variables of AWS' own library, which reads them itself: region, role and endpoint. Here because the rules of staging and
//! production hold for them as well.

/// A secret like any other; a pod's own role needs none.
pub const AWS_SECRET_ACCESS_KEY: &str = "AWS_SECRET_ACCESS_KEY";
/// What is asked instead of AWS, for everything and for documents alone.
pub const AWS_ENDPOINT: &str = "AWS_ENDPOINT_URL";
pub const AWS_ENDPOINT_S3: &str = "AWS_ENDPOINT_URL_S3";
/// Everything that is asked instead of AWS.
pub const AWS_ENDPOINTS: [&str; 3] = [
    AWS_ENDPOINT,
    AWS_ENDPOINT_S3,
    "AWS_ENDPOINT_URL_SECRETS_MANAGER",
];
