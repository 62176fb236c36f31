# The role of each service: the calls that it makes, on the things that are its own.

locals {
  services = {
    api    = { account = "api", namespace = var.namespace, statements = local.api }
    auth   = { account = "auth", namespace = var.namespace, statements = local.auth }
    worker = { account = "worker", namespace = var.namespace, statements = local.worker }
    opsctl = { account = "opsctl", namespace = "opsctl", statements = local.opsctl }

    load-balancer-controller = { account = "aws-load-balancer-controller", namespace = "kube-system", statements = local.load_balancer_controller }
    autoscaler               = { account = "cluster-autoscaler", namespace = "kube-system", statements = local.autoscaler }
    volumes                  = { account = "ebs-csi-controller-sa", namespace = "kube-system", statements = local.volumes }
    cloudwatch-exporter      = { account = "cloudwatch-exporter", namespace = "monitoring", statements = local.cloudwatch_exporter }
    rds-exporter             = { account = "rds-exporter", namespace = "monitoring", statements = local.rds_exporter }
    opsctl-metrics           = { account = "opsctl-metrics", namespace = "monitoring", statements = local.opsctl_metrics }
    logs                     = { account = "elasticsearch", namespace = "monitoring", statements = local.logs }
  }

  # Which of the app's secrets each role reads; what is not here it cannot read.
  reads = {
    api    = ["api-key", "database", "jwt", "redis"]
    auth   = ["database", "jwt", "redis"]
    worker = ["database", "jwt", "redis", "smtp"]
  }

  read_secrets = {
    for service, names in local.reads : service => [
      {
        sid       = "OwnSecrets"
        actions   = ["secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue"]
        resources = [for name in names : var.secrets[name]]
      },
      {
        sid       = "DecryptSecrets"
        actions   = ["kms:Decrypt"]
        resources = [var.keys.primary["secrets"]]
        condition = { StringEquals = { "kms:ViaService" = ["secretsmanager.${var.regions.primary}.amazonaws.com"] } }
      },
    ]
  }

  # The links in mails are signed by api, and a link may do what its signer may: open a report, and nothing else.
  api = concat(local.read_secrets.api, [
    { sid = "Reports", actions = ["s3:GetObject"], resources = ["${var.buckets["reports"].arn}/*"] },
    {
      sid       = "ReportsKey"
      actions   = ["kms:Decrypt"]
      resources = [var.keys.primary["storage"]]
      condition = { StringEquals = { "kms:ViaService" = ["s3.${var.regions.primary}.amazonaws.com"] } }
    },
  ])
  auth = local.read_secrets.auth

  worker = concat(local.read_secrets.worker, [
    { sid = "Reports", actions = ["s3:GetObject", "s3:PutObject"], resources = ["${var.buckets["reports"].arn}/*"] },
    {
      sid       = "ReportsKey"
      actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
      resources = [var.keys.primary["storage"]]
      condition = { StringEquals = { "kms:ViaService" = ["s3.${var.regions.primary}.amazonaws.com"] } }
    },
  ])
}

module "role" {
  source   = "../service-role"
  for_each = local.services

  name            = "${var.name}-${each.key}"
  identity        = var.identity
  cluster         = var.cluster
  service_account = { namespace = each.value.namespace, name = each.value.account }
  statements      = each.value.statements
}
