mock_provider "aws" {}

variables {
  name        = "platform-test"
  environment = "test"
  account_id  = "111111111111"
  regions     = { primary = "eu-central-1", backup = "eu-west-1" }
  cluster     = { name = "platform-test", arn = "arn:aws:eks:eu-central-1:111111111111:cluster/platform-test", identity_provider = { arn = "arn:aws:iam::111111111111:oidc-provider/oidc.eks", issuer = "oidc.eks" } }
  buckets = {
    for purpose in ["backups", "reports", "evidence", "state", "logs"] : purpose => {
      name = purpose, arn = "arn:aws:s3:::${purpose}", replica = { name = "${purpose}-replica", arn = "arn:aws:s3:::${purpose}-replica", region = "eu-west-1" }
    }
  }
  keys = {
    primary = { for purpose in ["database", "secrets", "storage", "cluster"] : purpose => "arn:aws:kms:eu-central-1:111111111111:key/${purpose}" }
    backup  = { for purpose in ["database", "secrets", "storage", "cluster"] : purpose => "arn:aws:kms:eu-west-1:111111111111:key/${purpose}" }
    signing = "arn:aws:kms:eu-central-1:111111111111:key/signing"
  }
  secrets      = { for name in ["database", "database-master", "jwt", "redis", "smtp", "api-key", "signing"] : name => "arn:aws:secretsmanager:eu-central-1:111111111111:secret:platform-test/${name}-AbCdEf" }
  repositories = ["arn:aws:ecr:eu-central-1:111111111111:repository/platform/app"]
  database     = { identifier = "platform-test", parameter_group = "platform-test-1", subnet_group = "platform-test", monitoring_role_arn = "arn:aws:iam::111111111111:role/platform-test-rds-monitoring" }
  cache        = { arn = "arn:aws:elasticache:eu-central-1:111111111111:replicationgroup:platform-test", user_arn = "arn:aws:elasticache:eu-central-1:111111111111:user:platform-test-app" }
  zone_arn     = "arn:aws:route53:::hostedzone/Z1"
}

run "every_service_has_a_role_of_its_own" {
  assert {
    condition     = toset(keys(output.arns)) == toset(["api", "auth", "worker", "opsctl", "load-balancer-controller", "autoscaler", "volumes", "cloudwatch-exporter", "rds-exporter", "opsctl-metrics", "logs"])
    error_message = "each service needs its role"
  }
}

run "auth_reads_its_secrets_and_api_opens_reports_and_they_do_nothing_else" {
  assert {
    condition     = toset(output.actions.auth) == toset(["kms:Decrypt", "secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue"])
    error_message = "auth may read its own secrets and nothing more"
  }

  assert {
    condition     = setsubtract(output.actions.api, output.actions.auth) == toset(["s3:GetObject"])
    error_message = "api signs links to reports, which takes the right to open them and no other"
  }

  assert {
    condition     = flatten([for it in local.api : it.resources if length([for action in it.actions : action if startswith(action, "s3:")]) > 0]) == ["arn:aws:s3:::reports/*"]
    error_message = "api may open reports and no other bucket's objects"
  }

  assert {
    condition     = one([for it in local.api : it.condition if it.sid == "ReportsKey"]) == { StringEquals = { "kms:ViaService" = ["s3.eu-central-1.amazonaws.com"] } }
    error_message = "the key of reports is for S3's use alone"
  }

  assert {
    condition     = !contains(flatten(values(output.reads)), "database-master")
    error_message = "no pod of the service may read the master password"
  }

  assert {
    condition     = alltrue([for service in ["api", "auth", "worker"] : toset([for it in local.read_secrets[service] : it.resources if it.sid == "OwnSecrets"][0]) == toset([for name in output.reads[service] : var.secrets[name]])])
    error_message = "each service reads the secrets that are its own"
  }
}

run "the_worker_writes_reports_and_no_other_bucket" {
  assert {
    condition     = toset(flatten([for it in local.worker : it.resources if length([for action in it.actions : action if startswith(action, "s3:")]) > 0])) == toset(["arn:aws:s3:::reports/*"])
    error_message = "the worker writes reports alone"
  }
}

run "opsctl_deletes_only_what_it_made" {
  assert {
    condition     = alltrue([for it in local.opsctl : it.condition == { StringEquals = { "aws:ResourceTag/opsctl:environment" = ["test"] } } if length(setintersection(it.actions, ["rds:DeleteDBInstance", "rds:DeleteDBSnapshot"])) > 0])
    error_message = "deleting databases and snapshots needs opsctl's own tag"
  }

  # As its operations call what they make.
  assert {
    condition     = length(setsubtract(["restore-*", "drill-restore-*", "drill-self-test-*", "drill-failover-*", "backup-verify-*", "platform-test"], local.database_names)) == 0 && length(setsubtract(["backup-create-*", "copy-of-*", "rds:platform-test-*", "rds:restore-*-*"], local.snapshot_names)) == 0
    error_message = "what an operation makes is called after it"
  }

  assert {
    condition     = alltrue([for it in local.opsctl : !contains(it.resources, "arn:aws:s3:::evidence/*") if contains(it.actions, "s3:DeleteObject")])
    error_message = "opsctl may not delete evidence"
  }

  assert {
    condition     = length([for action in output.actions.opsctl : action if can(regex("^(iam:(Create|Put|Attach|Update)|kms:(ScheduleKeyDeletion|PutKeyPolicy)|s3:(PutBucketPolicy|PutLifecycle|BypassGovernanceRetention)|rds:(DeleteDBInstanceAutomatedBackup|ModifyDBSnapshotAttribute))", action))]) == 0
    error_message = "opsctl may not widen its own rights, give keys away or delete the backups that AWS makes"
  }
}

run "what_watches_reads_figures_and_no_secret" {
  assert {
    condition     = alltrue(flatten([for service in ["cloudwatch-exporter", "rds-exporter", "opsctl-metrics"] : [for action in output.actions[service] : can(regex(":(Describe|Get|List)|^kms:Decrypt$", action)) && !contains(["secretsmanager:GetSecretValue"], action)]]))
    error_message = "what watches may read, and no secret's value"
  }

  assert {
    condition     = toset(output.actions.rds-exporter) == toset(["cloudwatch:GetMetricData", "ec2:DescribeInstanceTypes", "rds:DescribeAccountAttributes", "rds:DescribeDBInstances", "rds:DescribeDBLogFiles", "rds:DescribePendingMaintenanceActions"])
    error_message = "the exporter of databases needs these and no more"
  }

  assert {
    condition     = toset(output.actions.opsctl-metrics) == toset(["kms:Decrypt", "rds:DescribeDBInstanceAutomatedBackups", "rds:DescribeDBInstances", "rds:DescribeDBSnapshots", "s3:GetObject", "s3:ListBucket", "secretsmanager:DescribeSecret", "secretsmanager:ListSecretVersionIds"])
    error_message = "promises are measured by records alone"
  }

  assert {
    condition     = !contains(flatten([for it in local.opsctl_metrics : it.resources]), "arn:aws:s3:::reports/*")
    error_message = "what measures promises has no business with reports"
  }
}

# To the letter: a call more is a right that nobody needs, a call less an operation that stops midway.
run "opsctl_may_do_what_its_operations_do_and_nothing_else" {
  assert {
    condition = toset(output.actions.opsctl) == toset([
      # restore, drill, backup: which there are, how they stand, what they cost in time
      "rds:DescribeDBInstanceAutomatedBackups", "rds:DescribeDBInstances", "rds:DescribeDBParameterGroups", "rds:DescribeDBParameters", "rds:DescribeDBSnapshots",
      "rds:DescribeDBSubnetGroups", "rds:DescribeEvents", "rds:DescribeOrderableDBInstanceOptions", "rds:ListTagsForResource",
      # backup create, copy, prune
      "rds:AddTagsToResource", "rds:CopyDBSnapshot", "rds:CreateDBSnapshot", "rds:DeleteDBSnapshot",
      # restore, drill restore, drill failover --kind multi-az | replica | region
      "rds:CreateDBInstanceReadReplica", "rds:DeleteDBInstance", "rds:ModifyDBInstance", "rds:PromoteReadReplica", "rds:RebootDBInstance", "rds:RemoveTagsFromResource",
      "rds:RestoreDBInstanceFromDBSnapshot", "rds:RestoreDBInstanceToPointInTime", "iam:PassRole", "kms:CreateGrant", "kms:DescribeKey",
      # drill failover --kind cache, secrets rotate redis
      "elasticache:DescribeEvents", "elasticache:DescribeReplicationGroups", "elasticache:DescribeUsers", "elasticache:ModifyUser", "elasticache:TestFailover",
      # state, evidence, exports
      "s3:AbortMultipartUpload", "s3:DeleteObject", "s3:GetBucketLocation", "s3:GetBucketObjectLockConfiguration", "s3:GetBucketVersioning", "s3:GetEncryptionConfiguration", "s3:GetObject", "s3:GetObjectRetention", "s3:GetObjectVersion",
      "s3:ListBucket", "s3:ListBucketMultipartUploads", "s3:ListBucketVersions", "s3:PutObject", "kms:Decrypt", "kms:GenerateDataKey", "kms:GetPublicKey", "kms:Sign", "kms:Verify",
      # secrets init, status, rotate
      "secretsmanager:CreateSecret", "secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue", "secretsmanager:ListSecrets", "secretsmanager:ListSecretVersionIds",
      "secretsmanager:PutSecretValue", "secretsmanager:StopReplicationToReplica", "secretsmanager:TagResource", "secretsmanager:UpdateSecretVersionStage",
      # image list, promote
      "ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:CompleteLayerUpload", "ecr:DescribeImages", "ecr:DescribeRepositories", "ecr:GetAuthorizationToken",
      "ecr:GetDownloadUrlForLayer", "ecr:InitiateLayerUpload", "ecr:ListImages", "ecr:PutImage", "ecr:UploadLayerPart",
      # deploy, and the switch of the name
      "eks:DescribeCluster", "route53:ChangeResourceRecordSets", "route53:GetChange", "route53:ListResourceRecordSets",
      # conform
      "ec2:DescribeRouteTables", "ec2:DescribeSecurityGroups", "ec2:DescribeSubnets", "ec2:DescribeVpcs",
      "elasticloadbalancing:DescribeListeners", "elasticloadbalancing:DescribeLoadBalancers", "elasticloadbalancing:DescribeRules",
      "elasticloadbalancing:DescribeSSLPolicies", "elasticloadbalancing:DescribeTargetGroups", "elasticloadbalancing:DescribeTargetHealth",
      "ecr:GetLifecyclePolicy", "s3:GetLifecycleConfiguration",
      "shield:DescribeProtection", "shield:GetSubscriptionState", "wafv2:GetWebACL", "wafv2:GetWebACLForResource",
    ])
    error_message = "opsctl's role is exactly the calls of its operations"
  }

  assert {
    condition     = alltrue([for arn in one([for it in local.opsctl : it.resources if it.sid == "MakeSecrets"]) : can(regex("^arn:aws:secretsmanager:eu-central-1:111111111111:secret:platform-test/[a-z-]+-\\*$", arn))])
    error_message = "opsctl may make the secrets that it knows by their names, and no other"
  }
}

run "the_controller_cannot_touch_the_load_balancer" {
  assert {
    condition     = toset([for action in output.actions.load-balancer-controller : action if !can(regex(":Describe", action))]) == toset(["elasticloadbalancing:DeregisterTargets", "elasticloadbalancing:RegisterTargets"])
    error_message = "the controller may register pods and nothing else"
  }
}
