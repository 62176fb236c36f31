mock_provider "aws" {}

variables {
  name     = "platform-test"
  key_arn  = "arn:aws:kms:eu-central-1:111111111111:key/secrets"
  recovery = { region = "eu-west-1", key_arn = "arn:aws:kms:eu-west-1:111111111111:key/secrets" }
  secrets = {
    "database-master" = { description = "Master", rotation_days = 90, readers = [] }
    "jwt"             = { description = "Signing keys", rotation_days = 90, readers = ["arn:aws:iam::111111111111:role/platform-test-auth"] }
    "api-key"         = { description = "Payments", rotation_days = 30, readers = ["arn:aws:iam::111111111111:role/platform-test-worker"] }
  }
  administrators  = ["arn:aws:iam::111111111111:role/platform-test-opsctl"]
  master          = { secret = "database-master", version = 1 }
  master_password = "a-password-of-the-test-and-of-nothing-else"
}

run "every_secret_is_encrypted_and_copied" {
  assert {
    condition     = alltrue([for it in aws_secretsmanager_secret.this : it.kms_key_id == var.key_arn && [for copy in it.replica : copy.region] == ["eu-west-1"]])
    error_message = "secrets must be encrypted by their key and be in the recovery region"
  }
}

run "each_says_how_old_it_may_be_and_who_rotates_it" {
  assert {
    condition     = aws_secretsmanager_secret.this["jwt"].tags["opsctl:rotation-days"] == "90" && aws_secretsmanager_secret.this["api-key"].tags["opsctl:rotation-days"] == "30"
    error_message = "90 days for most secrets, 30 for API keys"
  }

  assert {
    condition     = alltrue([for it in aws_secretsmanager_secret.this : it.tags["opsctl:rotation-owner"] == "opsctl"])
    error_message = "rotation has one owner"
  }
}

run "only_the_roles_of_a_secret_read_it" {
  assert {
    condition     = jsondecode(aws_secretsmanager_secret_policy.this["jwt"].policy).Statement[0].Condition.ArnNotEquals["aws:PrincipalArn"] == ["arn:aws:iam::111111111111:role/platform-test-auth", "arn:aws:iam::111111111111:role/platform-test-opsctl"] && jsondecode(aws_secretsmanager_secret_policy.this["jwt"].policy).Statement[0].Effect == "Deny"
    error_message = "everybody but the secret's roles must be refused"
  }

  assert {
    condition     = tolist(jsondecode(aws_secretsmanager_secret_policy.this["database-master"].policy).Statement[0].Condition.ArnNotEquals["aws:PrincipalArn"]) == var.administrators
    error_message = "no pod of the service may read the master password"
  }

  assert {
    condition     = alltrue([for it in aws_secretsmanager_secret_policy.this : it.block_public_policy])
    error_message = "no policy may open a secret to the public"
  }
}

run "no_value_is_in_the_state" {
  assert {
    condition     = aws_secretsmanager_secret_version.master.secret_string == null && aws_secretsmanager_secret_version.master.secret_string_wo == null && aws_secretsmanager_secret_version.master.secret_string_wo_version == 1
    error_message = "the value must be write-only"
  }
}

run "an_api_key_older_than_30_days_is_refused" {
  command = plan

  variables {
    secrets = { "api-key" = { description = "Payments", rotation_days = 90, readers = [] } }
    master  = { secret = "api-key", version = 1 }
  }

  expect_failures = [var.secrets]
}

run "a_wildcard_reader_is_refused" {
  command = plan

  variables {
    secrets = { "jwt" = { description = "Signing keys", rotation_days = 90, readers = ["arn:aws:iam::111111111111:role/*"] } }
    master  = { secret = "jwt", version = 1 }
  }

  expect_failures = [var.secrets]
}
