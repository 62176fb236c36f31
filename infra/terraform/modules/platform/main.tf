# An environment, whole: every module in its place. What differs between environments is in their variables, and what may not
# differ is refused there.

locals {
  name          = "platform-${var.environment}"
  recovery_name = "${local.name}-rec"

  # Where whoever is called reads on, however the service is.
  runbooks_url = "https://github.com/${var.repository}/blob/main/runbooks"

  # Names before there are ARNs: secrets name the roles that read them, and roles name the secrets.
  role = { for service in ["api", "auth", "worker", "opsctl", "apply"] : service => "arn:aws:iam::${var.account_id}:role/${local.name}-${service}" }
  recovery_role = {
    for service in ["api", "auth", "worker", "opsctl"] : service => "arn:aws:iam::${var.account_id}:role/${local.recovery_name}-${service}"
  }
  deployer     = "arn:aws:iam::${var.account_id}:role/${local.name}-deploy"
  planner      = "arn:aws:iam::${var.account_id}:role/${local.name}-plan"
  volumes_role = "arn:aws:iam::${var.account_id}:role/${local.name}-volumes"
}

module "keys" {
  source = "../keys"

  name       = local.name
  account_id = var.account_id
  region     = var.primary.region
}

module "storage" {
  source = "../storage"

  name       = local.name
  account_id = var.account_id
  primary    = { region = var.primary.region, key_arn = module.keys.arns["storage"] }
  backup     = { region = var.recovery.region, key_arn = module.recovery.keys["storage"] }
}

module "registry" {
  source = "../registry"

  name       = "platform"
  account_id = var.account_id
  key_arn    = module.keys.arns["registry"]
  recovery   = { region = var.recovery.region, key_arn = module.recovery.keys["registry"] }
  readers    = var.image_readers
}

module "dns" {
  source = "../dns"

  domain                 = var.domain
  recovery_region        = var.recovery.region
  load_balancer          = { dns_name = module.load_balancer.dns_name, zone_id = module.load_balancer.zone_id }
  recovery_load_balancer = var.recovery.standby ? module.recovery.load_balancer : null
  serving_from           = var.serving_from
}

module "mail" {
  source = "../mail"

  domain     = var.domain
  zone_id    = module.dns.zone_id
  reports_to = var.mail.reports_to
}

module "budget" {
  source = "../budget"

  name            = local.name
  monthly_dollars = var.budget.monthly_dollars
  mail            = var.budget.mail
}

module "recovery" {
  source = "../recovery-region"

  providers = {
    aws = aws.recovery
  }

  name           = local.recovery_name
  account_id     = var.account_id
  region         = var.recovery.region
  primary_region = var.primary.region
  cidr           = var.recovery.cidr
  zones          = var.recovery.zones

  standby = !var.recovery.standby ? null : {
    certificate_arn    = module.dns.recovery_certificate_arn
    logs_bucket        = module.storage.recovery_access_logs
    instance_types     = var.cluster.instance_types
    cache_node_type    = var.cache.node_type
    cache_shards       = var.cache.shards
    access_image_id    = var.recovery.access_image_id
    kubernetes_version = var.cluster.kubernetes_version
    shield             = var.shield.protect
    administrators     = [var.emergency_role]
    deployers          = [local.deployer, local.recovery_role.opsctl]
    planners           = [local.planner]
    volumes_role_arn   = "arn:aws:iam::${var.account_id}:role/${local.recovery_name}-volumes"
    slow_query_millis  = 500
  }
}
