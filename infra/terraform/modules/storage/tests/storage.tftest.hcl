mock_provider "aws" {}

variables {
  name       = "platform-test"
  account_id = "111111111111"
  primary    = { region = "eu-central-1", key_arn = "arn:aws:kms:eu-central-1:111111111111:key/storage" }
  backup     = { region = "eu-west-1", key_arn = "arn:aws:kms:eu-west-1:111111111111:key/storage" }
}

run "every_bucket_is_versioned_encrypted_closed_and_copied" {
  assert {
    condition     = toset(keys(output.promises)) == toset(["backups", "reports", "evidence", "state", "logs"])
    error_message = "backups, reports, evidence, state and logs must have a bucket"
  }

  assert {
    condition     = alltrue([for it in output.promises : it.versioned && it.encryption == "aws:kms" && it.closed && it.copied_to != null && it.copied_to != it.region])
    error_message = "every bucket must be versioned, encrypted, closed and copied to the other region"
  }
}

run "what_opsctl_writes_lies_in_the_backup_region" {
  assert {
    condition     = alltrue([for purpose in ["state", "evidence", "backups"] : output.promises[purpose].region == "eu-west-1" && output.promises[purpose].copied_to == "eu-central-1"]) && output.promises.state.expire_days == null
    error_message = "locks, journals, evidence and exports must outlive the first region"
  }
}

run "promises_of_the_specification_are_kept" {
  assert {
    condition     = output.promises.backups.expire_days == null
    error_message = "backups are pruned by opsctl, which knows what is pinned, and by no clock"
  }

  assert {
    condition     = output.promises.logs.expire_days == null
    error_message = "archived logs are deleted by Elasticsearch, after 30 days and 90 more, and by no clock"
  }

  assert {
    condition     = output.promises.evidence.lock_days == 400 && output.promises.evidence.expire_days == null
    error_message = "evidence must be locked"
  }
}

run "both_regions_in_one_are_refused" {
  command = plan

  variables {
    backup = { region = "eu-central-1", key_arn = "arn:aws:kms:eu-central-1:111111111111:key/storage" }
  }

  expect_failures = [var.backup]
}

run "backups_of_two_weeks_are_refused" {
  command = plan

  variables {
    backup_days = 14
  }

  expect_failures = [var.backup_days]
}
