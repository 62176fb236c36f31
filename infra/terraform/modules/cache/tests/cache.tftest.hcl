mock_provider "aws" {}

variables {
  name               = "platform-test"
  node_type          = "cache.m7g.large"
  subnet_ids         = ["subnet-a", "subnet-b", "subnet-c"]
  security_group_ids = ["sg-cache"]
  key_arn            = "arn:aws:kms:eu-central-1:111111111111:key/cache"
  logs_key_arn       = "arn:aws:kms:eu-central-1:111111111111:key/logs"
}

run "a_primary_and_a_replica_that_fail_over_by_themselves" {
  assert {
    condition     = aws_elasticache_replication_group.this.num_cache_clusters == 2 && aws_elasticache_replication_group.this.automatic_failover_enabled && aws_elasticache_replication_group.this.multi_az_enabled
    error_message = "a replica in another zone must take over by itself"
  }

  assert {
    condition     = aws_elasticache_replication_group.this.snapshot_retention_limit == 7 && aws_elasticache_replication_group.this.final_snapshot_identifier != null
    error_message = "snapshots must be kept"
  }
}

run "shards_each_with_a_replica" {
  variables {
    shards = 3
  }

  assert {
    condition     = aws_elasticache_replication_group.this.num_node_groups == 3 && aws_elasticache_replication_group.this.replicas_per_node_group == 1 && aws_elasticache_replication_group.this.num_cache_clusters == null
    error_message = "cluster mode must have shards with replicas"
  }

  assert {
    condition     = [for it in aws_elasticache_parameter_group.this.parameter : it.value if it.name == "cluster-enabled"] == ["yes"] && output.endpoint == aws_elasticache_replication_group.this.configuration_endpoint_address
    error_message = "clients of a cluster use its configuration endpoint"
  }
}

run "tls_is_required_and_data_encrypted" {
  assert {
    condition     = aws_elasticache_replication_group.this.transit_encryption_enabled && aws_elasticache_replication_group.this.transit_encryption_mode == "required"
    error_message = "connections without TLS must be refused"
  }

  assert {
    condition     = aws_elasticache_replication_group.this.at_rest_encryption_enabled == "true" && aws_elasticache_replication_group.this.kms_key_id == var.key_arn
    error_message = "data must be encrypted by the cache's key"
  }
}

run "nobody_comes_in_without_a_name_and_no_password_is_in_state" {
  assert {
    condition     = aws_elasticache_user.default.user_name == "default" && startswith(aws_elasticache_user.default.access_string, "off") && aws_elasticache_replication_group.this.user_group_ids == toset([aws_elasticache_user_group.this.user_group_id])
    error_message = "the user `default` must be off"
  }

  assert {
    condition     = aws_elasticache_replication_group.this.auth_token == null && aws_elasticache_user.app.passwords == null && try(aws_elasticache_user.app.authentication_mode[0].passwords, null) == null
    error_message = "Terraform must know no password"
  }

  assert {
    condition     = strcontains(aws_elasticache_user.app.access_string, "-@admin") && strcontains(aws_elasticache_user.app.access_string, "-@dangerous")
    error_message = "app may not administer Redis"
  }

  # `ROLE` is @admin and @dangerous: without it app never learns who the primary is, and uses no cache at all.
  assert {
    condition     = strcontains(aws_elasticache_user.app.access_string, "+role")
    error_message = "app asks Redis for its role"
  }
}

run "the_event_bus_is_never_evicted" {
  assert {
    condition     = [for it in aws_elasticache_parameter_group.this.parameter : it.value if it.name == "maxmemory-policy"] == ["volatile-lru"]
    error_message = "only keys with an expiry may be evicted"
  }
}

run "a_cache_without_a_replica_is_refused" {
  command = plan

  variables {
    replicas = 0
  }

  expect_failures = [var.replicas]
}
