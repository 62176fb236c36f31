# The specification's lines about deployment and security, beside what staging plans. A line that is broken fails here.

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

run "staging_keeps_every_promise" {
  command = plan

  # "RDS PostgreSQL", "Primary + read replica", "Multi-AZ: yes (automatic failover)"
  assert {
    condition     = startswith(output.promises.database.engine, "postgres 15") && output.promises.database.multi_az && output.promises.database.replicas >= 1
    error_message = "RDS PostgreSQL 15, Multi-AZ, with a read replica"
  }

  # "Automated backups: daily, 30-day retention", "Snapshots replicated to different AWS region"
  assert {
    condition     = output.promises.database.backup_retention_days >= 30 && output.promises.database.backup_region != output.operations.region && output.promises.database.backup_region_days >= 30
    error_message = "backups are kept for 30 days, in two regions"
  }

  # "AES-256 for database encryption at rest"
  assert {
    condition     = output.promises.database.encrypted && output.promises.database.deletion_protection && output.promises.database.public == false
    error_message = "the database is encrypted, protected and not public"
  }

  # "Redis in Elasticache", "Master + replica", "Automatic failover enabled"
  assert {
    condition     = output.promises.cache.replicas >= 1 && output.promises.cache.automatic_failover && output.promises.cache.multi_az
    error_message = "Redis has a replica and fails over by itself"
  }

  # "TLS 1.2+ for all traffic"
  assert {
    condition     = output.promises.cache.tls == "required" && output.promises.cache.encrypted == "true" && output.promises.load_balancer.to_pods == toset(["HTTPS"]) && startswith(output.promises.load_balancer.tls_policy, "ELBSecurityPolicy-TLS13-1-")
    error_message = "nothing goes in the clear"
  }

  # "HTTPS only (TLS 1.2+)", "Health checks: every 30 seconds"
  assert {
    condition     = output.promises.load_balancer.listeners == { "80" = "redirect", "443" = "forward" } && output.promises.load_balancer.health_check_seconds == toset([30])
    error_message = "the load balancer speaks HTTPS alone and asks every 30 seconds"
  }

  # "Page on-call engineer", "Email alert": whom Alertmanager calls is let out, and nobody else
  assert {
    condition = toset([for flow in output.outbound_flows : flow.to if flow.route == "allow-listed egress"]) == toset([
      for url in flatten([for it in yamldecode(file("../../../monitoring/alertmanager/alertmanager.yaml")).receivers : [for hook in try(it.webhook_configs, []) : hook.url]]) :
      regex("^https://([^/:]+)", url)[0] if !can(regex("^https://[^/:]+[.]svc[:/]", url))
    ])
    error_message = "egress_domains are not the hosts that infra/monitoring/alertmanager/alertmanager.yaml calls"
  }

  assert {
    condition     = yamldecode(file("../../../monitoring/alertmanager/alertmanager.yaml")).global.smtp_smarthost == "email-smtp.${output.operations.region}.amazonaws.com:587" && contains(output.outbound_flows["email-smtp"].ports, 587)
    error_message = "alerts are mailed by another way than the endpoint of SES in this region"
  }

  # "WAF on ALB"
  assert {
    condition     = length(output.promises.waf) >= 4
    error_message = "a firewall stands before the load balancer"
  }

  # "Registry: AWS ECR", "Immutable images", "`latest`: Most recent staging version"
  assert {
    condition     = output.promises.registry.mutability == "IMMUTABLE_WITH_EXCLUSION" && output.promises.registry.moving == "latest" && output.promises.registry.scanned
    error_message = "tags are immutable, `latest` alone moves"
  }

  # "Rotation: every 90 days for most secrets, every 30 days for API keys"
  assert {
    condition     = alltrue([for name, it in output.promises.secrets : it.rotation_days <= (name == "api-key" ? 30 : 90) && it.copied_to == [output.operations.backup.region]])
    error_message = "secrets are rotated within 90 days, API keys within 30, and are in both regions"
  }

  # "S3 bucket encryption for backups", "Survives regional outage"
  assert {
    condition     = alltrue([for it in output.promises.storage : it.encryption == "aws:kms" && it.versioned && it.closed && it.copied_to != null && it.copied_to != it.region])
    error_message = "every bucket is encrypted, versioned, closed and copied"
  }

  # "Retention: 30 days hot, 90 days archived"
  assert {
    condition     = output.promises.storage.logs.expire_days == null && output.promises.storage.backups.expire_days == null && output.promises.storage.evidence.lock_days >= 366 && output.promises.storage.state.region == output.operations.backup.region
    error_message = "no clock deletes archived logs or backups, evidence is locked, state outlives the region"
  }

  # "VPC (isolated network, no internet except through load balancer)"
  assert {
    condition     = output.promises.cluster.public == false && toset([for flow in output.outbound_flows : flow.route]) == toset(["allow-listed egress", "endpoint", "gateway endpoint", "peering"])
    error_message = "nothing inside reaches the internet but named hosts, and the cluster is not on it"
  }

  assert {
    condition     = output.promises.cluster.secrets_encrypted && output.promises.cluster.access == "API" && output.promises.cluster.metadata_hops == 1 && length(output.promises.cluster.logs) == 5 && output.promises.cluster.least_nodes >= 3
    error_message = "Kubernetes' secrets are encrypted, access is by entries, everything is logged, three nodes stand"
  }

  # "Quarterly: Full failover to backup region"
  assert {
    condition     = output.promises.recovery.load_balancer.listeners == { "80" = "redirect", "443" = "forward" } && length(output.promises.recovery.waf) >= 4 && output.promises.recovery.cluster.public == false && output.promises.recovery.cache.automatic_failover
    error_message = "all that serves stands ready in the backup region"
  }

  # "No shared AWS accounts"
  assert {
    condition     = output.operations.account_id == "222222222222" && local.account_id == output.operations.account_id
    error_message = "staging has its own account"
  }

  # What k8s/ is filled from: every `$(outputs:name)` there is one of them, in either region, and no other name would be.
  assert {
    condition = alltrue([for name in distinct(flatten([
      for file in fileset("../../../../k8s", "**/*.yaml") :
      regexall("\\$\\(outputs:([a-z][a-z0-9_.-]*)\\)", file("../../../../k8s/${file}"))
      ])) : can(
      length(split(".", name)) == 1 ? output.manifests[name] : output.manifests[split(".", name)[0]][split(".", name)[1]]
    )])
    error_message = "k8s/ names outputs that are not there"
  }

  # The net catches what is missing, and is full.
  assert {
    condition = !can(output.manifests["nothing"]) && !can(output.manifests["roles"]["nobody"]) && !can(output.manifests["data_cidrs"]["3"]) && length(regexall(
      "\\$\\(outputs:[a-z]", join("", [for file in fileset("../../../../k8s", "**/*.yaml") : file("../../../../k8s/${file}") if !can(regex("/(development|local|production)/", file))])
    )) >= 40
    error_message = "an output that is not there must be seen to be missing, and k8s/ be read at all"
  }

  assert {
    condition     = toset(keys(output.manifests)) == toset(keys(output.recovery_manifests)) && length(output.manifests.public_cidrs) == 3 && output.manifests.runbooks_url == "https://github.com/example/platform/blob/main/runbooks" && output.manifests.secrets == ["platform-staging/database", "platform-staging/jwt", "platform-staging/redis"]
    error_message = "the recovery region's manifests need the same"
  }

  assert {
    condition     = output.manifests.secrets_of.api == "platform-staging/api-key,platform-staging/database,platform-staging/jwt,platform-staging/redis" && length(regexall("BEGIN CERTIFICATE", output.manifests.database_authority)) == 2
    error_message = "each service names its own secrets, and the database is verified in both regions"
  }

  # Terraform's own state
  assert {
    condition     = strcontains(file("versions.tf"), "use_lockfile = true") && strcontains(file("versions.tf"), "bucket       = \"platform-staging-${local.account_id}-terraform\"") && strcontains(file("versions.tf"), "region       = \"${local.recovery_region}\"")
    error_message = "the state lies in the account's own bucket in the backup region, with a lock file"
  }

  assert {
    condition     = alltrue([for word in ["dynamodb_table", "access_key", "secret_key", local.primary_region] : !strcontains(file("versions.tf"), word)])
    error_message = "no lock table, no key, and nothing in the region that may be lost"
  }
}
