# Log groups stand before RDS would make them without a key and without an end.

locals {
  # A database that took over goes by the name that opsctl gave it. The logs of the one before stay until their own end.
  serving   = coalesce(var.serving, var.name)
  instances = flatten([for it in distinct([var.name, local.serving]) : concat([it], [for number in range(var.replicas) : "${it}-replica-${number + 1}"])])
  exported  = toset([for pair in setproduct(local.instances, ["postgresql", "upgrade"]) : "${pair[0]}/${pair[1]}"])
}

resource "aws_cloudwatch_log_group" "exported" {
  for_each = local.exported

  name              = "/aws/rds/instance/${each.key}"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.logs_key_arn
}

resource "aws_iam_role" "monitoring" {
  name = "${var.name}-rds-monitoring"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "monitoring.rds.amazonaws.com" }
    }]
  })
}

resource "aws_iam_role_policy_attachment" "monitoring" {
  role       = aws_iam_role.monitoring.name
  policy_arn = "arn:aws:iam::aws:policy/service-role/AmazonRDSEnhancedMonitoringRole"
}
