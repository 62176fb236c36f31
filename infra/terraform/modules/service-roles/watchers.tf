# What watches: it reads figures, and what opsctl wrote down; none of it reads a secret or a row.

locals {
  # The load balancer's figures, which it is found by tags for.
  cloudwatch_exporter = [
    {
      sid       = "Read"
      actions   = ["cloudwatch:GetMetricData", "cloudwatch:GetMetricStatistics", "cloudwatch:ListMetrics", "tag:GetResources"]
      resources = ["*"]
      unscoped  = true
    },
  ]

  # Sizes and states of the databases, and CloudWatch's figures of them. Quotas it is told not to ask for.
  rds_exporter = [
    { sid = "SeeDatabases", actions = ["rds:DescribeDBInstances", "rds:DescribeDBLogFiles"], resources = ["arn:aws:rds:${var.regions.primary}:${var.account_id}:db:*"] },
    {
      sid       = "Read"
      actions   = ["cloudwatch:GetMetricData", "ec2:DescribeInstanceTypes", "rds:DescribeAccountAttributes", "rds:DescribePendingMaintenanceActions"]
      resources = ["*"]
      unscoped  = true
    },
  ]

  # When each promise was last kept: backups as RDS lists them, evidence and journals as opsctl wrote them, ages of secrets and never
  # their values.
  opsctl_metrics = [
    { sid = "SeeBackups", actions = ["rds:DescribeDBInstanceAutomatedBackups", "rds:DescribeDBInstances", "rds:DescribeDBSnapshots"], resources = ["*"], unscoped = true },
    { sid = "SeeState", actions = ["s3:ListBucket"], resources = [for it in local.watched_buckets : it] },
    { sid = "ReadState", actions = ["s3:GetObject"], resources = [for it in local.watched_buckets : "${it}/*"] },
    {
      sid       = "StorageKeys"
      actions   = ["kms:Decrypt"]
      resources = [var.keys.primary["storage"], var.keys.backup["storage"]]
      condition = { StringEquals = { "kms:ViaService" = ["s3.${var.regions.primary}.amazonaws.com", "s3.${var.regions.backup}.amazonaws.com"] } }
    },
    { sid = "AgesOfSecrets", actions = ["secretsmanager:DescribeSecret", "secretsmanager:ListSecretVersionIds"], resources = values(var.secrets) },
  ]

  watched_buckets = flatten([for purpose in ["backups", "evidence", "state"] : [var.buckets[purpose].arn, var.buckets[purpose].replica.arn]])

  # Elasticsearch archives its indices as snapshots.
  logs = [
    { sid = "See", actions = ["s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads"], resources = [var.buckets["logs"].arn] },
    { sid = "Archive", actions = ["s3:AbortMultipartUpload", "s3:DeleteObject", "s3:GetObject", "s3:ListMultipartUploadParts", "s3:PutObject"], resources = ["${var.buckets["logs"].arn}/*"] },
    {
      sid       = "Key"
      actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
      resources = [var.keys.primary["storage"]]
      condition = { StringEquals = { "kms:ViaService" = ["s3.${var.regions.primary}.amazonaws.com"] } }
    },
  ]
}
