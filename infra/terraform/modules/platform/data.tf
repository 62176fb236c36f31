# The database, the cache and the secrets.

module "database" {
  source = "../database"

  name                    = local.name
  serving                 = var.database.serving
  instance_class          = var.database.instance_class
  storage_gib             = var.database.storage_gib
  multi_az                = var.database.multi_az
  replicas                = var.database.replicas
  subnet_ids              = [for subnet in module.network.data_subnets : subnet.id]
  security_group_ids      = [module.security_groups.ids["database"]]
  key_arn                 = module.keys.arns["database"]
  logs_key_arn            = module.keys.arns["logs"]
  backup_region           = { name = var.recovery.region, key_arn = module.recovery.keys["database"] }
  master_password         = var.master_password
  master_password_version = var.master_password_version
}

module "cache" {
  source = "../cache"

  name               = local.name
  node_type          = var.cache.node_type
  shards             = var.cache.shards
  replicas           = var.cache.replicas
  subnet_ids         = [for subnet in module.network.data_subnets : subnet.id]
  security_group_ids = [module.security_groups.ids["cache"]]
  key_arn            = module.keys.arns["cache"]
  logs_key_arn       = module.keys.arns["logs"]
}

locals {
  readers = { for service in ["api", "auth", "worker"] : service => [local.role[service], local.recovery_role[service]] }
  every   = flatten(values(local.readers))
}

module "secrets" {
  source = "../secrets"

  name     = local.name
  key_arn  = module.keys.arns["secrets"]
  recovery = { region = var.recovery.region, key_arn = module.recovery.keys["secrets"] }

  secrets = {
    database        = { description = "The app's login, current and idle", rotation_days = 90, readers = local.every }
    database-master = { description = "The master user", rotation_days = 90, readers = [] }
    jwt             = { description = "Keys that sign tokens", rotation_days = 90, readers = local.every }
    redis           = { description = "The app's login at the cache", rotation_days = 90, readers = local.every }
    smtp            = { description = "The mail service's credentials", rotation_days = 90, readers = local.readers.worker }
    api-key         = { description = "Shared with the payment provider", rotation_days = 30, readers = local.readers.api }
    signing         = { description = "Signs the evidence of drills", rotation_days = 90, readers = [] }
  }

  administrators = [local.role.opsctl, local.recovery_role.opsctl, local.role.apply, var.emergency_role]
  master         = { secret = "database-master", version = var.master_password_version }

  master_password = var.master_password
}
