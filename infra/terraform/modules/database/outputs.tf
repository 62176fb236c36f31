output "arn" {
  description = "The primary."
  value       = aws_db_instance.primary.arn
}

output "identifier" {
  description = "The primary's name."
  value       = aws_db_instance.primary.identifier
}

output "resource_id" {
  description = "What AWS calls the primary, whatever it is renamed to: `opsctl env adopt` pins it."
  value       = aws_db_instance.primary.resource_id
}

output "endpoint" {
  description = "Where the primary listens."
  value       = aws_db_instance.primary.address
}

output "replica_endpoints" {
  description = "Where the replicas listen."
  value       = aws_db_instance.replica[*].address
}

output "parameter_group" {
  description = "What a restored copy must be given: RDS forgets it."
  value       = aws_db_parameter_group.this.name
}

output "subnet_group" {
  description = "What a restored copy must be given: RDS forgets it."
  value       = aws_db_subnet_group.this.name
}

output "promises" {
  description = "The settings that keep the specification's promises, as they are planned."
  value = {
    engine                = "${aws_db_instance.primary.engine} ${aws_db_instance.primary.engine_version}"
    multi_az              = aws_db_instance.primary.multi_az
    replicas              = length(aws_db_instance.replica)
    backup_retention_days = aws_db_instance.primary.backup_retention_period
    backup_region         = aws_db_instance_automated_backups_replication.other_region.region
    backup_region_days    = aws_db_instance_automated_backups_replication.other_region.retention_period
    encrypted             = aws_db_instance.primary.storage_encrypted
    deletion_protection   = aws_db_instance.primary.deletion_protection
    public                = aws_db_instance.primary.publicly_accessible
  }
}

output "monitoring_role_arn" {
  description = "The role of enhanced monitoring, which a restored copy is given too."
  value       = aws_iam_role.monitoring.arn
}
