# opsctl's role: exactly the calls of its operations. What it deletes carries its own tag: a copy that it made and nothing else.

locals {
  rds = {
    for side, region in { here = var.regions.primary, there = var.regions.backup } : side => "arn:aws:rds:${region}:${var.account_id}"
  }

  # A copy of the database is called after the operation that made it, and one of them may come to serve. So is a snapshot; in the other
  # region that of an automated one is a copy of it.
  database_names = concat([var.database.identifier, "${var.database.identifier}-*"], [for it in ["backup-verify", "drill-failover", "drill-restore", "drill-self-test", "restore"] : "${it}-*"])
  snapshot_names = concat([for it in local.database_names : "rds:${it}-*"], ["backup-create-*", "copy-of-*", "restore-*"])
  own_databases  = flatten([for base in values(local.rds) : [for it in local.database_names : "${base}:db:${it}"]])
  own_snapshots  = flatten([for base in values(local.rds) : [for it in local.snapshot_names : "${base}:snapshot:${it}"]])
  own_backups    = [for base in values(local.rds) : "${base}:auto-backup:*"]
  own_settings = flatten([for base in values(local.rds) : [
    "${base}:subgrp:${var.database.subnet_group}", "${base}:subgrp:${var.database.identifier}-*", "${base}:pg:${var.database.parameter_group}", "${base}:pg:${var.database.identifier}-*", "${base}:og:default*",
  ]])
  # The one that stands ready in the backup region is called so, with -rec behind it.
  cluster_there  = replace(var.cluster.arn, ":${var.regions.primary}:", ":${var.regions.backup}:")
  made_by_opsctl = { StringEquals = { "aws:ResourceTag/opsctl:environment" = [var.environment] } }

  opsctl = concat(local.opsctl_database, local.opsctl_storage, local.opsctl_secrets, local.opsctl_rest)

  opsctl_database = [
    {
      sid = "SeeDatabases"
      actions = [
        "rds:DescribeDBInstanceAutomatedBackups", "rds:DescribeDBInstances", "rds:DescribeDBParameterGroups", "rds:DescribeDBParameters",
        "rds:DescribeDBSnapshots", "rds:DescribeDBSubnetGroups", "rds:DescribeEvents", "rds:DescribeOrderableDBInstanceOptions", "rds:ListTagsForResource",
      ]
      resources = ["*"]
      unscoped  = true
    },
    {
      sid       = "MakeBackups"
      actions   = ["rds:AddTagsToResource", "rds:CopyDBSnapshot", "rds:CreateDBSnapshot"]
      resources = concat(local.own_databases, local.own_snapshots)
    },
    {
      sid       = "Restore"
      actions   = ["rds:CreateDBInstanceReadReplica", "rds:RestoreDBInstanceFromDBSnapshot", "rds:RestoreDBInstanceToPointInTime"]
      resources = concat(local.own_databases, local.own_snapshots, local.own_backups, local.own_settings)
    },
    {
      sid       = "OperateDatabases"
      actions   = ["rds:ModifyDBInstance", "rds:PromoteReadReplica", "rds:RebootDBInstance", "rds:RemoveTagsFromResource"]
      resources = concat(local.own_databases, local.own_settings)
    },
    {
      sid       = "DeleteWhatItMade"
      actions   = ["rds:DeleteDBInstance", "rds:DeleteDBSnapshot"]
      resources = concat(local.own_databases, local.own_snapshots)
      condition = local.made_by_opsctl
    },
    {
      sid       = "HandOverMonitoring"
      actions   = ["iam:PassRole"]
      resources = [var.database.monitoring_role_arn]
      condition = { StringEquals = { "iam:PassedToService" = ["rds.amazonaws.com", "monitoring.rds.amazonaws.com"] } }
    },
    {
      sid       = "DatabaseKeys"
      actions   = ["kms:CreateGrant", "kms:DescribeKey"]
      resources = [var.keys.primary["database"], var.keys.backup["database"]]
    },
    {
      sid       = "FailOverTheCache"
      actions   = ["elasticache:DescribeReplicationGroups", "elasticache:ModifyUser", "elasticache:TestFailover"]
      resources = [var.cache.arn, var.cache.user_arn]
    },
    {
      sid       = "SeeTheCache"
      actions   = ["elasticache:DescribeEvents", "elasticache:DescribeUsers"]
      resources = ["*"]
      unscoped  = true
    },
  ]

  every_bucket = flatten([for it in values(var.buckets) : [it.arn, it.replica.arn]])

  opsctl_storage = [
    { sid = "SeeBuckets", actions = ["s3:GetBucketLocation", "s3:GetBucketObjectLockConfiguration", "s3:GetBucketVersioning", "s3:GetEncryptionConfiguration", "s3:GetLifecycleConfiguration", "s3:ListBucket", "s3:ListBucketMultipartUploads", "s3:ListBucketVersions"], resources = local.every_bucket },
    { sid = "ReadObjects", actions = ["s3:GetObject", "s3:GetObjectRetention", "s3:GetObjectVersion"], resources = [for arn in local.every_bucket : "${arn}/*"] },
    {
      sid       = "WriteObjects"
      actions   = ["s3:AbortMultipartUpload", "s3:PutObject"]
      resources = ["${var.buckets["backups"].arn}/*", "${var.buckets["state"].arn}/*", "${var.buckets["evidence"].arn}/*"]
    },
    # Locks that were let go, and exports that are past their promise. Evidence nobody can delete.
    { sid = "DeleteObjects", actions = ["s3:DeleteObject"], resources = ["${var.buckets["state"].arn}/*", "${var.buckets["backups"].arn}/*"] },
    {
      sid       = "StorageKeys"
      actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
      resources = [var.keys.primary["storage"], var.keys.backup["storage"]]
      condition = { StringEquals = { "kms:ViaService" = ["s3.${var.regions.primary}.amazonaws.com", "s3.${var.regions.backup}.amazonaws.com"] } }
    },
    { sid = "SignEvidence", actions = ["kms:GetPublicKey", "kms:Sign", "kms:Verify"], resources = [var.keys.signing] },
  ]

  opsctl_secrets = [
    {
      sid = "RotateSecrets"
      actions = [
        "secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue", "secretsmanager:ListSecretVersionIds", "secretsmanager:PutSecretValue",
        "secretsmanager:TagResource", "secretsmanager:UpdateSecretVersionStage",
      ]
      resources = values(var.secrets)
    },
    # What lies there beside those that have a rule for their age.
    { sid = "SeeSecrets", actions = ["secretsmanager:ListSecrets"], resources = ["*"], unscoped = true },
    # `secrets init`: a call that AWS judges before it says that the secret is there.
    {
      sid       = "MakeSecrets"
      actions   = ["secretsmanager:CreateSecret"]
      resources = [for arn in values(var.secrets) : replace(arn, "/-[A-Za-z0-9]{6}$/", "-*")]
    },
    # Its copies, for a day on which the first region is away.
    {
      sid       = "SecretsOfTheBackupRegion"
      actions   = ["secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue", "secretsmanager:StopReplicationToReplica"]
      resources = [for arn in values(var.secrets) : replace(arn, ":${var.regions.primary}:", ":${var.regions.backup}:")]
    },
    {
      sid       = "SecretsKeys"
      actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
      resources = [var.keys.primary["secrets"], var.keys.backup["secrets"]]
      condition = { StringEquals = { "kms:ViaService" = ["secretsmanager.${var.regions.primary}.amazonaws.com", "secretsmanager.${var.regions.backup}.amazonaws.com"] } }
    },
  ]

  opsctl_rest = [
    { sid = "LogInToTheRegistry", actions = ["ecr:GetAuthorizationToken"], resources = ["*"], unscoped = true },
    {
      sid = "PromoteImages"
      actions = [
        "ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:CompleteLayerUpload", "ecr:DescribeImages", "ecr:DescribeRepositories",
        "ecr:GetDownloadUrlForLayer", "ecr:InitiateLayerUpload", "ecr:ListImages", "ecr:PutImage", "ecr:UploadLayerPart",
      ]
      resources = var.repositories
    },
    { sid = "FindTheCluster", actions = ["eks:DescribeCluster"], resources = [var.cluster.arn, local.cluster_there, "${local.cluster_there}-rec"] },
    { sid = "SwitchTheName", actions = ["route53:ChangeResourceRecordSets", "route53:ListResourceRecordSets"], resources = [var.zone_arn] },
    { sid = "SeeTheSwitch", actions = ["route53:GetChange"], resources = ["arn:aws:route53:::change/*"] },
    # For `conform`: what is configured beside what is promised. AWS judges the second right of the firewall with the first.
    { sid = "SeeWhatIsKept", actions = ["ecr:GetLifecyclePolicy"], resources = var.repositories },
    {
      sid = "SeeWhatIsThere"
      actions = [
        "ec2:DescribeRouteTables", "ec2:DescribeSecurityGroups", "ec2:DescribeSubnets", "ec2:DescribeVpcs",
        "elasticloadbalancing:DescribeListeners", "elasticloadbalancing:DescribeLoadBalancers", "elasticloadbalancing:DescribeRules",
        "elasticloadbalancing:DescribeSSLPolicies", "elasticloadbalancing:DescribeTargetGroups", "elasticloadbalancing:DescribeTargetHealth",
        "shield:DescribeProtection", "shield:GetSubscriptionState", "wafv2:GetWebACL", "wafv2:GetWebACLForResource",
      ]
      resources = ["*"]
      unscoped  = true
    },
  ]
}
