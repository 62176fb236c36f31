# Redis: a primary and a replica, or shards of them, that fail over by themselves. TLS and users with rights of their own.

locals {
  sharded = var.shards > 0
}

resource "aws_elasticache_subnet_group" "this" {
  name       = var.name
  subnet_ids = var.subnet_ids
}

resource "aws_elasticache_parameter_group" "this" {
  name        = "${var.name}-redis7"
  family      = "redis7"
  description = "Streams are never evicted: only what has an expiry is"

  dynamic "parameter" {
    for_each = {
      "maxmemory-policy" = "volatile-lru"
      "cluster-enabled"  = local.sharded ? "yes" : "no"
    }

    content {
      name  = parameter.key
      value = parameter.value
    }
  }
}

resource "aws_elasticache_replication_group" "this" {
  replication_group_id = var.name
  description          = "Cache, rate limits and event bus of ${var.name}"
  engine               = "redis"
  engine_version       = var.engine_version
  node_type            = var.node_type
  port                 = 6379
  parameter_group_name = aws_elasticache_parameter_group.this.name

  num_cache_clusters      = local.sharded ? null : 1 + var.replicas
  num_node_groups         = local.sharded ? var.shards : null
  replicas_per_node_group = local.sharded ? var.replicas : null

  automatic_failover_enabled = true
  multi_az_enabled           = true

  at_rest_encryption_enabled = true
  kms_key_id                 = var.key_arn
  transit_encryption_enabled = true
  transit_encryption_mode    = "required"
  user_group_ids             = [aws_elasticache_user_group.this.user_group_id]

  subnet_group_name  = aws_elasticache_subnet_group.this.name
  security_group_ids = var.security_group_ids

  snapshot_retention_limit   = var.snapshot_days
  snapshot_window            = "01:30-02:30"
  maintenance_window         = "sun:03:30-sun:04:30"
  final_snapshot_identifier  = "${var.name}-final"
  auto_minor_version_upgrade = true
  apply_immediately          = false

  log_delivery_configuration {
    destination      = aws_cloudwatch_log_group.slow.name
    destination_type = "cloudwatch-logs"
    log_format       = "json"
    log_type         = "slow-log"
  }
}

resource "aws_cloudwatch_log_group" "slow" {
  name              = "/elasticache/${var.name}/slow"
  retention_in_days = 120
  kms_key_id        = var.logs_key_arn
}
