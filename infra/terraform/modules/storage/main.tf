# Every bucket of an environment, and what is promised of each.

locals {
  here  = var.primary
  there = var.backup

  buckets = {
    # Logical exports: the line of defence that survives RDS itself, and so its region. opsctl prunes them: a clock knows nothing of pins.
    backups = { at = local.there, copy = local.here, promise = var.backup_days, expire = null, lock = null, cold = null }
    # Daily reports, which mails link to.
    reports = { at = local.here, copy = local.there, promise = 365, expire = null, lock = null, cold = 90 }
    # Signed documents of drills: of the day, too, on which the first region is away.
    evidence = { at = local.there, copy = local.here, promise = 366, expire = null, lock = var.evidence_days, cold = null }
    # opsctl's locks, journals and releases: in the backup region, because they must outlive the first one.
    state = { at = local.there, copy = local.here, promise = 365, expire = null, lock = null, cold = null }
    # Logs archived out of Elasticsearch: 30 days hot there, 90 more here. Elasticsearch deletes its snapshots: a lifecycle would break
    # the repository that they share.
    logs = { at = local.here, copy = local.there, promise = 120, expire = null, lock = null, cold = 30 }
  }
}

module "bucket" {
  source   = "../bucket"
  for_each = local.buckets

  name         = "${var.name}-${var.account_id}-${each.key}"
  region       = each.value.at.region
  key_arn      = each.value.at.key_arn
  replica      = each.value.copy
  promise_days = each.value.promise
  expire_days  = each.value.expire
  lock_days    = each.value.lock
  cold_days    = each.value.cold

  # Access logs can only go to a bucket of the same region.
  access_log_bucket = each.value.at.region == local.here.region ? module.access_logs.name : null
}

# Load balancers and S3 write their logs with the AWS-owned key alone, and into their own region.
module "access_logs" {
  source = "../bucket"

  name         = "${var.name}-${var.account_id}-access-logs"
  region       = local.here.region
  key_of_aws   = true
  promise_days = 120
  expire_days  = 400

  policy_statements = [
    { Sid = "LoadBalancer", Effect = "Allow", Principal = { Service = "logdelivery.elasticloadbalancing.amazonaws.com" }, Action = "s3:PutObject" },
    { Sid = "Buckets", Effect = "Allow", Principal = { Service = "logging.s3.amazonaws.com" }, Action = "s3:PutObject" },
  ]
}

module "recovery_access_logs" {
  source = "../bucket"

  name         = "${var.name}-${var.account_id}-recovery-access-logs"
  region       = local.there.region
  key_of_aws   = true
  promise_days = 120
  expire_days  = 400

  policy_statements = [
    { Sid = "LoadBalancer", Effect = "Allow", Principal = { Service = "logdelivery.elasticloadbalancing.amazonaws.com" }, Action = "s3:PutObject" },
  ]
}
