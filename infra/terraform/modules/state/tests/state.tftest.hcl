mock_provider "aws" {}

variables {
  name       = "platform-test"
  account_id = "111111111111"
  region     = "eu-west-1"
}

run "the_state_is_versioned_encrypted_and_closed_in_the_backup_region" {
  assert {
    condition     = output.promises.region == "eu-west-1" && output.promises.versioned && output.promises.encryption == "aws:kms" && output.promises.closed
    error_message = "the state must be versioned, encrypted and closed"
  }

  assert {
    condition     = output.promises.expire_days == null && output.bucket == "platform-test-111111111111-terraform"
    error_message = "the state must never expire"
  }

  assert {
    condition     = aws_kms_key.this.enable_key_rotation
    error_message = "its key must rotate"
  }
}

run "an_account_with_letters_is_refused" {
  command = plan

  variables {
    account_id = "production"
  }

  expect_failures = [var.account_id]
}
