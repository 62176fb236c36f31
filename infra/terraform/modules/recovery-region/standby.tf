# What stands ready to serve.

locals {
  standby = var.standby == null ? {} : { this = var.standby }
}

module "load_balancer" {
  source   = "../load-balancer"
  for_each = local.standby

  name              = var.name
  vpc_id            = module.network.vpc_id
  subnet_ids        = [for subnet in module.network.public_subnets : subnet.id]
  security_group_id = module.security_groups.ids["load-balancer"]
  certificate_arn   = each.value.certificate_arn
  logs_bucket       = each.value.logs_bucket
}

module "waf" {
  source   = "../waf"
  for_each = local.standby

  name              = var.name
  account_id        = var.account_id
  load_balancer_arn = module.load_balancer["this"].arn
  logs_key_arn      = module.keys.arns["logs"]
}

module "shield" {
  source   = "../shield"
  for_each = try(var.standby.shield, false) ? local.standby : {}

  name      = var.name
  resources = { load-balancer = module.load_balancer["this"].arn }
}

module "cluster" {
  source   = "../cluster"
  for_each = local.standby

  name               = var.name
  kubernetes_version = each.value.kubernetes_version
  subnet_ids         = [for subnet in module.network.private_subnets : subnet.id]
  security_group_id  = module.security_groups.ids["pods"]
  key_arn            = module.keys.arns["cluster"]
  logs_key_arn       = module.keys.arns["logs"]
  instance_types     = each.value.instance_types
  administrators     = each.value.administrators
  deployers          = each.value.deployers
  planners           = each.value.planners
  volumes_role_arn   = each.value.volumes_role_arn
}

module "cache" {
  source   = "../cache"
  for_each = local.standby

  name               = var.name
  node_type          = each.value.cache_node_type
  shards             = each.value.cache_shards
  subnet_ids         = [for subnet in module.network.data_subnets : subnet.id]
  security_group_ids = [module.security_groups.ids["cache"]]
  key_arn            = module.keys.arns["cache"]
  logs_key_arn       = module.keys.arns["logs"]
}

module "access" {
  source   = "../access"
  for_each = local.standby

  name              = var.name
  account_id        = var.account_id
  region            = var.region
  subnet_ids        = [for subnet in module.network.private_subnets : subnet.id]
  security_group_id = module.security_groups.ids["access"]
  key_arn           = module.keys.arns["cluster"]
  logs_key_arn      = module.keys.arns["logs"]
  image_id          = each.value.access_image_id
}
