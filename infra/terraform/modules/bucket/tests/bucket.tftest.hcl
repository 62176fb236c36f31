mock_provider "aws" {}

variables {
  name         = "platform-test-backups"
  region       = "eu-central-1"
  key_arn      = "arn:aws:kms:eu-central-1:111111111111:key/storage"
  replica      = { region = "eu-west-1", key_arn = "arn:aws:kms:eu-west-1:111111111111:key/storage" }
  promise_days = 30
  expire_days  = 120
}

run "bucket_and_copy_are_versioned_encrypted_and_closed" {
  assert {
    condition     = toset(keys(aws_s3_bucket.this)) == toset(["main", "replica"]) && alltrue([for it in aws_s3_bucket_versioning.this : it.versioning_configuration[0].status == "Enabled"])
    error_message = "both sides must be versioned"
  }

  assert {
    condition     = one([for rule in aws_s3_bucket_server_side_encryption_configuration.this["main"].rule : rule.apply_server_side_encryption_by_default[0].kms_master_key_id]) == var.key_arn && one([for rule in aws_s3_bucket_server_side_encryption_configuration.this["replica"].rule : rule.apply_server_side_encryption_by_default[0].kms_master_key_id]) == var.replica.key_arn
    error_message = "each side must be encrypted by a key of its region"
  }

  assert {
    condition     = alltrue([for it in aws_s3_bucket_public_access_block.this : it.block_public_acls && it.block_public_policy && it.ignore_public_acls && it.restrict_public_buckets])
    error_message = "nothing may be public"
  }

  assert {
    condition     = alltrue([for it in aws_s3_bucket_policy.this : toset([for statement in jsondecode(it.policy).Statement : statement.Sid if statement.Effect == "Deny"]) == toset(["TlsAlone", "NothingInTheClear"])])
    error_message = "whoever does not speak TLS 1.2 must be refused"
  }
}

run "every_object_is_in_the_other_region_within_15_minutes" {
  assert {
    condition     = aws_s3_bucket_replication_configuration.this[0].rule[0].status == "Enabled" && aws_s3_bucket_replication_configuration.this[0].rule[0].destination[0].bucket == aws_s3_bucket.this["replica"].arn && aws_s3_bucket_replication_configuration.this[0].rule[0].destination[0].replication_time[0].time[0].minutes == 15
    error_message = "objects must be copied to the other region"
  }

  assert {
    condition     = aws_s3_bucket_replication_configuration.this[0].rule[0].source_selection_criteria[0].sse_kms_encrypted_objects[0].status == "Enabled" && aws_s3_bucket_replication_configuration.this[0].rule[0].delete_marker_replication[0].status == "Disabled"
    error_message = "encrypted objects must be copied, deletions must not"
  }

  assert {
    condition     = aws_s3_bucket.this["replica"].region == "eu-west-1"
    error_message = "the copy must lie in the other region"
  }
}

run "no_lifecycle_undercuts_the_promise" {
  assert {
    condition     = alltrue([for it in aws_s3_bucket_lifecycle_configuration.this : it.rule[0].noncurrent_version_expiration[0].noncurrent_days > var.promise_days && it.rule[0].expiration[0].days > var.promise_days])
    error_message = "nothing may be deleted before the promise ends"
  }
}

run "a_lock_that_nobody_can_open" {
  variables {
    expire_days = null
    lock_days   = 400
  }

  assert {
    condition     = alltrue([for it in aws_s3_bucket.this : it.object_lock_enabled]) && alltrue([for it in aws_s3_bucket_object_lock_configuration.this : it.rule[0].default_retention[0].mode == "COMPLIANCE" && it.rule[0].default_retention[0].days == 400])
    error_message = "both sides must be locked in compliance mode"
  }

  assert {
    condition     = alltrue([for it in aws_s3_bucket_lifecycle_configuration.this : it.rule[0].noncurrent_version_expiration[0].noncurrent_days > 400])
    error_message = "old versions must stay as long as the lock"
  }
}

run "a_lifecycle_that_undercuts_the_promise_is_refused" {
  command = plan

  variables {
    expire_days = 14
  }

  expect_failures = [var.expire_days]
}

run "a_lock_shorter_than_the_promise_is_refused" {
  command = plan

  variables {
    lock_days = 7
  }

  expect_failures = [var.lock_days]
}

run "a_copy_in_the_same_region_is_refused" {
  command = plan

  variables {
    replica = { region = "eu-central-1", key_arn = "arn:aws:kms:eu-central-1:111111111111:key/storage" }
  }

  expect_failures = [var.replica]
}

run "a_bucket_without_a_key_is_refused" {
  command = plan

  variables {
    key_arn = null
  }

  expect_failures = [var.key_of_aws]
}
