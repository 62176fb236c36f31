mock_provider "aws" {}

variables {
  name               = "platform-test"
  instance_class     = "db.m7g.large"
  storage_gib        = { initial = 100, most = 500 }
  subnet_ids         = ["subnet-a", "subnet-b", "subnet-c"]
  security_group_ids = ["sg-database"]
  key_arn            = "arn:aws:kms:eu-central-1:111111111111:key/database"
  logs_key_arn       = "arn:aws:kms:eu-central-1:111111111111:key/logs"
  backup_region      = { name = "eu-west-1", key_arn = "arn:aws:kms:eu-west-1:111111111111:key/database" }
  master_password    = "a-password-of-the-test-and-of-nothing-else"
}

run "postgresql_15_with_a_standby_and_a_replica" {
  assert {
    condition     = aws_db_instance.primary.engine == "postgres" && startswith(aws_db_instance.primary.engine_version, "15") && aws_db_parameter_group.this.family == "postgres15"
    error_message = "the database must be PostgreSQL 15"
  }

  assert {
    condition     = aws_db_instance.primary.multi_az && length(aws_db_instance.replica) == 1 && aws_db_instance.replica[0].replicate_source_db == aws_db_instance.primary.identifier
    error_message = "a standby in another zone and a read replica must be there"
  }
}

run "backups_are_daily_kept_30_days_and_survive_the_instance" {
  assert {
    condition     = aws_db_instance.primary.backup_retention_period == 30 && aws_db_instance.primary.backup_window != null
    error_message = "backups must be made daily and kept for 30 days"
  }

  assert {
    condition     = aws_db_instance.primary.delete_automated_backups == false && aws_db_instance.primary.skip_final_snapshot == false && aws_db_instance.primary.final_snapshot_identifier == "platform-test-final" && aws_db_instance.primary.copy_tags_to_snapshot
    error_message = "backups must outlive the instance"
  }

  assert {
    condition     = aws_db_instance.primary.deletion_protection && alltrue([for it in aws_db_instance.replica : it.deletion_protection])
    error_message = "no instance may be deleted by a plan"
  }
}

run "backups_survive_the_region" {
  assert {
    condition     = aws_db_instance_automated_backups_replication.other_region.region == "eu-west-1" && aws_db_instance_automated_backups_replication.other_region.source_db_instance_arn == aws_db_instance.primary.arn
    error_message = "backups must be copied to the other region"
  }

  # 7 days is what AWS does when nothing is said.
  assert {
    condition     = aws_db_instance_automated_backups_replication.other_region.retention_period == 30 && aws_db_instance_automated_backups_replication.other_region.kms_key_id == var.backup_region.key_arn
    error_message = "copies must be kept for 30 days, under a key of their own region"
  }
}

run "everything_is_encrypted_at_rest_and_on_the_way" {
  assert {
    condition     = alltrue([for it in concat([aws_db_instance.primary], aws_db_instance.replica) : it.storage_encrypted && it.kms_key_id == var.key_arn && it.performance_insights_kms_key_id == var.key_arn])
    error_message = "storage must be encrypted by the database's key"
  }

  assert {
    condition     = [for it in aws_db_parameter_group.this.parameter : it.value if it.name == "rds.force_ssl"] == ["1"] && alltrue([for it in concat([aws_db_instance.primary], aws_db_instance.replica) : it.parameter_group_name == aws_db_parameter_group.this.name])
    error_message = "connections without TLS must be refused, on replicas too"
  }
}

run "it_is_reached_from_inside_alone" {
  assert {
    condition     = alltrue([for it in concat([aws_db_instance.primary], aws_db_instance.replica) : it.publicly_accessible == false && it.vpc_security_group_ids == toset(["sg-database"])])
    error_message = "no instance may be reached from the internet"
  }
}

run "what_it_does_is_seen" {
  assert {
    condition     = alltrue([for it in concat([aws_db_instance.primary], aws_db_instance.replica) : it.performance_insights_enabled && it.monitoring_interval == 60 && contains(it.enabled_cloudwatch_logs_exports, "postgresql")])
    error_message = "Performance Insights, enhanced monitoring and exported logs must be on"
  }

  assert {
    condition     = [for it in aws_db_parameter_group.this.parameter : it.value if it.name == "log_min_duration_statement"] == ["500"]
    error_message = "slow queries must be logged"
  }

  assert {
    condition     = toset(keys(aws_cloudwatch_log_group.exported)) == toset(["platform-test/postgresql", "platform-test/upgrade", "platform-test-replica-1/postgresql", "platform-test-replica-1/upgrade"]) && alltrue([for it in aws_cloudwatch_log_group.exported : it.retention_in_days >= 120 && it.kms_key_id == var.logs_key_arn])
    error_message = "exported logs must be kept for 30 and 90 days, encrypted"
  }
}

run "the_password_is_in_no_state" {
  assert {
    condition     = aws_db_instance.primary.password == null && aws_db_instance.primary.manage_master_user_password == null && aws_db_instance.primary.password_wo_version == 1
    error_message = "the password must be write-only; a managed one is refused beside replicas"
  }

  assert {
    condition     = aws_db_instance.primary.password_wo == null
    error_message = "a write-only argument leaves nothing behind"
  }
}

run "a_restore_never_makes_the_next_plan_destroy" {
  assert {
    condition     = aws_db_instance.primary.snapshot_identifier == null && length(aws_db_instance.primary.blue_green_update) == 0
    error_message = "no snapshot may be named and no blue/green update be on"
  }
}

# What `state rm` and `import` of runbooks/restore.md leave to the next plan.
run "after_a_cut_over_it_goes_by_the_name_of_what_serves_and_no_log_goes" {
  variables {
    serving = "restore-20261128t024300z-0a1b2c3d"
  }

  assert {
    condition     = aws_db_instance.primary.identifier == "restore-20261128t024300z-0a1b2c3d" && aws_db_instance.replica[0].identifier == "restore-20261128t024300z-0a1b2c3d-replica-1" && aws_db_instance.replica[0].replicate_source_db == "restore-20261128t024300z-0a1b2c3d"
    error_message = "the instance that serves must keep its name, and its replica follow it: another name would be a rename with another address"
  }

  assert {
    condition     = length(setsubtract(["platform-test/postgresql", "platform-test/upgrade", "platform-test-replica-1/postgresql", "restore-20261128t024300z-0a1b2c3d/postgresql", "restore-20261128t024300z-0a1b2c3d/upgrade"], keys(aws_cloudwatch_log_group.exported))) == 0
    error_message = "the logs of the instance before must stay, and those of the one that serves be there"
  }

  assert {
    condition     = aws_db_subnet_group.this.name == "platform-test" && aws_db_instance.primary.final_snapshot_identifier == "platform-test-final"
    error_message = "nothing else may change its name"
  }
}

run "a_name_that_opsctl_never_gives_is_refused" {
  command = plan

  variables {
    serving = "somebody-elses"
  }

  expect_failures = [var.serving]
}

run "a_week_of_backups_is_refused" {
  command = plan

  variables {
    backup_retention_days = 7
  }

  expect_failures = [var.backup_retention_days]
}

run "another_postgresql_is_refused" {
  command = plan

  variables {
    engine_version = "16.4"
  }

  expect_failures = [var.engine_version]
}

run "storage_that_cannot_grow_is_refused" {
  command = plan

  variables {
    storage_gib = { initial = 100, most = 110 }
  }

  expect_failures = [var.storage_gib]
}

run "a_short_password_is_refused" {
  command = plan

  variables {
    master_password = "short"
  }

  expect_failures = [var.master_password]
}
