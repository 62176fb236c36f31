//! What is reproduced of KMS, and the parameters that each action honours.

use serde_json::Value;

use super::{Held, lifetime, uses};
use crate::endpoint::{Action, Asked, Refusal};

type Run = fn(&mut Held, &Asked) -> Result<Value, Refusal>;

const fn action(
    name: &'static str,
    honours: &'static [&'static str],
    run: Run,
) -> Action<Held, Value> {
    Action { name, honours, run }
}

pub(super) const ACTIONS: &[Action<Held, Value>] = &[
    action("CancelKeyDeletion", &["KeyId"], lifetime::cancel_deletion),
    action("CreateAlias", &["AliasName", "TargetKeyId"], lifetime::name),
    action(
        "CreateKey",
        &["Description", "KeyUsage", "KeySpec"],
        lifetime::create,
    ),
    action(
        "Decrypt",
        &["CiphertextBlob", "EncryptionContext", "KeyId"],
        uses::decrypt,
    ),
    action("DescribeKey", &["KeyId"], lifetime::describe),
    action("DisableKey", &["KeyId"], lifetime::disable),
    action("EnableKey", &["KeyId"], lifetime::enable),
    action(
        "Encrypt",
        &["KeyId", "Plaintext", "EncryptionContext"],
        uses::encrypt,
    ),
    action("GetPublicKey", &["KeyId"], uses::public_key),
    action(
        "ScheduleKeyDeletion",
        &["KeyId", "PendingWindowInDays"],
        lifetime::delete,
    ),
    action(
        "Sign",
        &["KeyId", "Message", "MessageType", "SigningAlgorithm"],
        uses::sign,
    ),
    action("Verify", VERIFY, uses::verify),
];

const VERIFY: &[&str] = &[
    "KeyId",
    "Message",
    "MessageType",
    "Signature",
    "SigningAlgorithm",
];
