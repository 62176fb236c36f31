output "name" {
  description = "The replication group."
  value       = aws_elasticache_replication_group.this.replication_group_id
}

output "arn" {
  description = "The replication group."
  value       = aws_elasticache_replication_group.this.arn
}

output "endpoint" {
  description = "Where clients connect, with TLS."
  value       = local.sharded ? aws_elasticache_replication_group.this.configuration_endpoint_address : aws_elasticache_replication_group.this.primary_endpoint_address
}

output "user" {
  description = "The name that app comes in by."
  value       = aws_elasticache_user.app.user_name
}

output "user_arn" {
  description = "The user, whose passwords opsctl rotates."
  value       = aws_elasticache_user.app.arn
}

output "promises" {
  description = "The settings that keep the specification's promises, as they are planned."
  value = {
    cluster_mode       = local.sharded
    replicas           = var.replicas
    automatic_failover = aws_elasticache_replication_group.this.automatic_failover_enabled
    multi_az           = aws_elasticache_replication_group.this.multi_az_enabled
    tls                = aws_elasticache_replication_group.this.transit_encryption_mode
    encrypted          = aws_elasticache_replication_group.this.at_rest_encryption_enabled
  }
}
