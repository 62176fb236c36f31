# What a failover of the region needs there before the day: a network, keys, what a restored database is given; and, where a
# standby is wanted, load balancer with firewall, cluster, cache and the way in. Images, secrets, buckets and opsctl's state are
# copied here by their own modules. The database is restored by `opsctl drill failover --kind region`, from backups that are here.

module "keys" {
  source = "../keys"

  name       = var.name
  account_id = var.account_id
  region     = var.region
}

module "network" {
  source = "../network"

  name         = var.name
  region       = var.region
  cidr         = var.cidr
  zones        = var.zones
  logs_key_arn = module.keys.arns["logs"]

  # S3 by an interface too: the peered network cannot use this one's gateway.
  endpoint_services = [
    "autoscaling", "ec2", "ec2messages", "ecr.api", "ecr.dkr", "eks", "elasticache", "elasticloadbalancing", "email-smtp", "kms", "logs", "monitoring",
    "rds", "s3", "secretsmanager", "ssm", "ssmmessages", "sts", "tagging",
  ]
}

module "security_groups" {
  source = "../security-groups"

  name                        = var.name
  vpc_id                      = module.network.vpc_id
  endpoints_security_group_id = module.network.endpoints_security_group_id
  s3_prefix_list_id           = module.network.s3_prefix_list_id
}

# What RDS forgets of a restored copy, under names that opsctl is told.
resource "aws_db_subnet_group" "restored" {
  name       = var.name
  subnet_ids = [for subnet in module.network.data_subnets : subnet.id]
}

resource "aws_db_parameter_group" "restored" {
  name        = "${var.name}-postgres15"
  family      = "postgres15"
  description = "As in the primary region: TLS or nothing, slow queries logged"

  dynamic "parameter" {
    for_each = {
      "rds.force_ssl"                       = { value = "1", apply = "immediate" }
      "log_min_duration_statement"          = { value = tostring(try(var.standby.slow_query_millis, 500)), apply = "immediate" }
      "log_lock_waits"                      = { value = "1", apply = "immediate" }
      "log_temp_files"                      = { value = "10240", apply = "immediate" }
      "password_encryption"                 = { value = "scram-sha-256", apply = "immediate" }
      "idle_in_transaction_session_timeout" = { value = "60000", apply = "immediate" }
      "shared_preload_libraries"            = { value = "pg_stat_statements", apply = "pending-reboot" }
      "track_io_timing"                     = { value = "1", apply = "immediate" }
    }

    content {
      name         = parameter.key
      value        = parameter.value.value
      apply_method = parameter.value.apply
    }
  }
}
