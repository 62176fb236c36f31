# What holds even where changes are only tried.

mock_provider "aws" {
  source = "../../mocks"
}

mock_provider "aws" {
  alias  = "recovery"
  source = "../../mocks"
}

variables {
  master_password = "a-password-of-the-test-and-of-nothing-else"
}

run "development_is_small_and_just_as_closed" {
  command = plan

  assert {
    condition     = startswith(output.promises.database.engine, "postgres 15") && output.promises.database.backup_retention_days >= 30 && output.promises.database.backup_region == output.operations.backup.region
    error_message = "the same database, with the same backups"
  }

  assert {
    condition     = output.promises.database.encrypted && output.promises.database.public == false && output.promises.cache.tls == "required" && startswith(output.promises.load_balancer.tls_policy, "ELBSecurityPolicy-TLS13-1-")
    error_message = "nothing goes in the clear"
  }

  assert {
    condition     = output.promises.cluster.public == false && toset([for flow in output.outbound_flows : flow.route]) == toset(["endpoint", "gateway endpoint", "peering"])
    error_message = "nothing inside reaches the internet"
  }

  assert {
    condition     = output.promises.recovery == null && output.recovery_manifests == null && output.promises.shield == []
    error_message = "nothing stands ready that nobody drills"
  }

  # "No shared AWS accounts"
  assert {
    condition     = output.operations.account_id == "111111111111" && local.account_id == output.operations.account_id
    error_message = "development has its own account"
  }

  assert {
    condition     = strcontains(file("versions.tf"), "use_lockfile = true") && strcontains(file("versions.tf"), "bucket       = \"platform-development-${local.account_id}-terraform\"") && strcontains(file("versions.tf"), "region       = \"${local.recovery_region}\"")
    error_message = "the state lies in the account's own bucket in the backup region, with a lock file"
  }
}

run "a_short_master_password_is_refused" {
  command = plan

  variables {
    master_password = "short"
  }

  expect_failures = [var.master_password]
}
