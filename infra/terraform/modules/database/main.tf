# The database: a primary with a standby in another zone, replicas to read from. Its password is a write-only argument.
# RDS's own managed password is no choice: it is refused for a database with replicas.

resource "aws_db_subnet_group" "this" {
  name       = var.name
  subnet_ids = var.subnet_ids
}

resource "aws_db_parameter_group" "this" {
  name_prefix = "${var.name}-"
  family      = "postgres15"
  description = "TLS or nothing; slow queries and lock waits are logged"

  dynamic "parameter" {
    for_each = {
      "rds.force_ssl"                       = { value = "1", apply = "immediate" }
      "log_min_duration_statement"          = { value = tostring(var.slow_query_milliseconds), apply = "immediate" }
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

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_db_instance" "primary" {
  identifier     = local.serving
  engine         = "postgres"
  engine_version = var.engine_version
  instance_class = var.instance_class
  db_name        = "platform"

  username            = "master"
  password_wo         = var.master_password
  password_wo_version = var.master_password_version

  allocated_storage     = var.storage_gib.initial
  max_allocated_storage = var.storage_gib.most
  storage_type          = "gp3"
  storage_encrypted     = true
  kms_key_id            = var.key_arn

  multi_az               = var.multi_az
  db_subnet_group_name   = aws_db_subnet_group.this.name
  vpc_security_group_ids = var.security_group_ids
  publicly_accessible    = false
  ca_cert_identifier     = "rds-ca-rsa2048-g1"
  parameter_group_name   = aws_db_parameter_group.this.name

  backup_retention_period  = var.backup_retention_days
  backup_window            = "00:30-01:30"
  maintenance_window       = "sun:02:30-sun:03:30"
  delete_automated_backups = false
  copy_tags_to_snapshot    = true

  deletion_protection       = true
  skip_final_snapshot       = false
  final_snapshot_identifier = "${var.name}-final"

  auto_minor_version_upgrade = true
  apply_immediately          = false

  enabled_cloudwatch_logs_exports       = ["postgresql", "upgrade"]
  performance_insights_enabled          = true
  performance_insights_kms_key_id       = var.key_arn
  performance_insights_retention_period = 7
  monitoring_interval                   = 60
  monitoring_role_arn                   = aws_iam_role.monitoring.arn

  depends_on = [aws_cloudwatch_log_group.exported]
}

resource "aws_db_instance" "replica" {
  count = var.replicas

  identifier          = "${local.serving}-replica-${count.index + 1}"
  replicate_source_db = aws_db_instance.primary.identifier
  instance_class      = var.instance_class

  max_allocated_storage = var.storage_gib.most
  storage_type          = "gp3"
  storage_encrypted     = true
  kms_key_id            = var.key_arn

  # Said, not inherited: a replica comes without a standby, without protection and without backups.
  multi_az                 = var.multi_az
  vpc_security_group_ids   = var.security_group_ids
  publicly_accessible      = false
  ca_cert_identifier       = "rds-ca-rsa2048-g1"
  parameter_group_name     = aws_db_parameter_group.this.name
  backup_retention_period  = var.backup_retention_days
  delete_automated_backups = false
  copy_tags_to_snapshot    = true
  deletion_protection      = true
  skip_final_snapshot      = true

  auto_minor_version_upgrade = true
  apply_immediately          = false

  enabled_cloudwatch_logs_exports       = ["postgresql", "upgrade"]
  performance_insights_enabled          = true
  performance_insights_kms_key_id       = var.key_arn
  performance_insights_retention_period = 7
  monitoring_interval                   = 60
  monitoring_role_arn                   = aws_iam_role.monitoring.arn

  depends_on = [aws_cloudwatch_log_group.exported]
}

# Snapshots and logs go to the other region as they are made. The resource lives there, with that region's key.
resource "aws_db_instance_automated_backups_replication" "other_region" {
  region = var.backup_region.name

  source_db_instance_arn = aws_db_instance.primary.arn
  kms_key_id             = var.backup_region.key_arn
  retention_period       = var.backup_retention_days
}
