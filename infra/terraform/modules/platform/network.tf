# The network and every way out of it.

module "network" {
  source = "../network"

  name         = local.name
  region       = var.primary.region
  cidr         = var.primary.cidr
  zones        = var.primary.zones
  logs_key_arn = module.keys.arns["logs"]
}

module "security_groups" {
  source = "../security-groups"

  name                        = local.name
  vpc_id                      = module.network.vpc_id
  endpoints_security_group_id = module.network.endpoints_security_group_id
  s3_prefix_list_id           = module.network.s3_prefix_list_id
  peer_cidr                   = var.recovery.cidr
  internet_egress             = length(var.egress_domains) > 0
}

locals {
  # What opsctl calls in the backup region, by the name that AWS answers under.
  called_there = {
    "api.ecr"            = "ecr.api"
    "dkr.ecr"            = "ecr.dkr"
    eks                  = "eks"
    elasticache          = "elasticache"
    elasticloadbalancing = "elasticloadbalancing"
    kms                  = "kms"
    rds                  = "rds"
    s3                   = "s3"
    secretsmanager       = "secretsmanager"
    sts                  = "sts"
  }
}

module "peering" {
  source = "../peering"

  name     = local.name
  here     = { vpc_id = module.network.vpc_id, cidr = var.primary.cidr, route_table_ids = module.network.private_route_tables }
  there    = merge({ region = var.recovery.region }, module.recovery.network)
  services = { for name, endpoint in local.called_there : name => module.recovery.network.endpoint_names[endpoint] }
}

module "egress" {
  source = "../egress"
  count  = length(var.egress_domains) > 0 ? 1 : 0

  name                 = local.name
  vpc_id               = module.network.vpc_id
  cidr                 = var.primary.cidr
  zones                = var.primary.zones
  internet_gateway_id  = module.network.internet_gateway_id
  private_subnets      = module.network.private_subnets
  private_route_tables = module.network.private_route_tables
  logs_key_arn         = module.keys.arns["logs"]
  domains              = var.egress_domains
}

module "load_balancer" {
  source = "../load-balancer"

  name              = local.name
  vpc_id            = module.network.vpc_id
  subnet_ids        = [for subnet in module.network.public_subnets : subnet.id]
  security_group_id = module.security_groups.ids["load-balancer"]
  certificate_arn   = module.dns.certificate_arn
  logs_bucket       = module.storage.access_logs
}

module "waf" {
  source = "../waf"

  name              = local.name
  account_id        = var.account_id
  load_balancer_arn = module.load_balancer.arn
  logs_key_arn      = module.keys.arns["logs"]
}

module "shield" {
  source = "../shield"
  count  = var.shield.protect ? 1 : 0

  name      = local.name
  resources = { load-balancer = module.load_balancer.arn, zone = module.dns.zone_arn }
  subscribe = var.shield.subscribe
}
