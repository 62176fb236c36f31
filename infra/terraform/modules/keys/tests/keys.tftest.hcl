mock_provider "aws" {}

variables {
  name       = "platform-test"
  account_id = "111111111111"
  region     = "eu-central-1"
}

run "every_purpose_has_a_key_that_rotates" {
  command = plan

  assert {
    condition     = toset(keys(aws_kms_key.purpose)) == toset(["cache", "cluster", "database", "logs", "registry", "secrets", "storage"])
    error_message = "each purpose needs its own key"
  }

  assert {
    condition     = alltrue([for key in aws_kms_key.purpose : key.enable_key_rotation && key.rotation_period_in_days <= 365])
    error_message = "keys must rotate every year"
  }
}

run "no_key_is_open_to_other_accounts" {
  command = plan

  assert {
    condition = alltrue(flatten([
      for key in concat(values(aws_kms_key.purpose), [aws_kms_key.signing]) : [
        for statement in jsondecode(key.policy).Statement : try(statement.Principal.AWS, "a service") == "arn:aws:iam::111111111111:root" || try(statement.Condition.StringEquals["kms:CallerAccount"], "") == "111111111111" || can(statement.Principal.Service)
      ]
    ]))
    error_message = "only the account itself may use its keys"
  }

  assert {
    condition     = alltrue([for key in values(aws_kms_key.purpose) : length([for statement in jsondecode(key.policy).Statement : statement if try(statement.Principal.AWS, "") == "arn:aws:iam::111111111111:root"]) == 1])
    error_message = "a key whose account may not use it is lost"
  }

  assert {
    condition     = { for purpose, key in aws_kms_key.purpose : purpose => length(jsondecode(key.policy).Statement) if length(jsondecode(key.policy).Statement) > 1 } == { cluster = 2, logs = 2 }
    error_message = "only starting nodes and writing logs need a key by themselves"
  }

  assert {
    condition     = jsondecode(aws_kms_key.purpose["logs"].policy).Statement[1].Condition.ArnLike["kms:EncryptionContext:aws:logs:arn"] == "arn:aws:logs:eu-central-1:111111111111:*"
    error_message = "logs of this account alone may be encrypted"
  }
}

run "evidence_is_signed_by_a_key_that_only_signs" {
  command = plan

  assert {
    condition     = aws_kms_key.signing.key_usage == "SIGN_VERIFY" && aws_kms_key.signing.customer_master_key_spec == "ECC_NIST_P256"
    error_message = "evidence needs a key that signs"
  }
}

run "a_key_that_is_gone_in_a_week_is_refused" {
  command = plan

  variables {
    deletion_window_days = 7
  }

  expect_failures = [var.deletion_window_days]
}
