# The cluster, the roles of what runs in it, and the ways in.

module "cluster" {
  source = "../cluster"

  name               = local.name
  kubernetes_version = var.cluster.kubernetes_version
  subnet_ids         = [for subnet in module.network.private_subnets : subnet.id]
  security_group_id  = module.security_groups.ids["pods"]
  key_arn            = module.keys.arns["cluster"]
  logs_key_arn       = module.keys.arns["logs"]
  instance_types     = var.cluster.instance_types
  nodes              = var.cluster.nodes
  identity           = var.cluster.identity
  administrators     = [var.emergency_role]
  deployers          = [local.deployer, local.role.opsctl]
  planners           = [local.planner]
  viewers            = var.viewers
  volumes_role_arn   = local.volumes_role
}

module "service_roles" {
  source = "../service-roles"

  name         = local.name
  environment  = var.environment
  account_id   = var.account_id
  regions      = { primary = var.primary.region, backup = var.recovery.region }
  identity     = var.cluster.identity
  cluster      = { name = module.cluster.name, arn = module.cluster.arn, identity_provider = module.cluster.identity_provider }
  buckets      = module.storage.buckets
  keys         = { primary = module.keys.arns, backup = module.recovery.keys, signing = module.keys.signing_arn }
  secrets      = module.secrets.arns
  repositories = [for it in merge({ for image, it in module.registry.repositories : image => it.arn }, { for image, it in module.registry.recovery_repositories : "recovery-${image}" => it.arn }) : it]
  database = {
    identifier          = module.database.identifier
    parameter_group     = module.database.parameter_group
    subnet_group        = module.database.subnet_group
    monitoring_role_arn = module.database.monitoring_role_arn
  }
  cache    = { arn = module.cache.arn, user_arn = module.cache.user_arn }
  zone_arn = module.dns.zone_arn
}

# The same roles for pods of the other region's cluster, on that region's copies.
module "recovery_roles" {
  source = "../service-roles"
  count  = var.recovery.standby ? 1 : 0

  name        = local.recovery_name
  environment = var.environment
  account_id  = var.account_id
  regions     = { primary = var.recovery.region, backup = var.primary.region }
  cluster     = module.recovery.standby.cluster
  buckets = {
    for purpose, bucket in module.storage.buckets : purpose => bucket.replica.region == var.recovery.region ? {
      name = bucket.replica.name, arn = bucket.replica.arn, replica = { name = bucket.name, arn = bucket.arn, region = var.primary.region }
    } : bucket
  }
  keys         = { primary = module.recovery.keys, backup = module.keys.arns, signing = module.recovery.signing_key_arn }
  secrets      = { for name, arn in module.secrets.arns : name => replace(arn, ":${var.primary.region}:", ":${var.recovery.region}:") }
  repositories = [for it in module.registry.recovery_repositories : it.arn]
  database = {
    identifier          = module.database.identifier
    parameter_group     = module.recovery.restore_with.parameter_group
    subnet_group        = module.recovery.restore_with.subnet_group
    monitoring_role_arn = module.database.monitoring_role_arn
  }
  cache    = { arn = module.recovery.standby.cache.arn, user_arn = module.recovery.standby.cache.user_arn }
  zone_arn = module.dns.zone_arn
}

module "access" {
  source = "../access"

  name              = local.name
  account_id        = var.account_id
  region            = var.primary.region
  subnet_ids        = [for subnet in module.network.private_subnets : subnet.id]
  security_group_id = module.security_groups.ids["access"]
  key_arn           = module.keys.arns["cluster"]
  logs_key_arn      = module.keys.arns["logs"]
  image_id          = var.primary.access_image_id
}

module "pipeline_roles" {
  source = "../pipeline-roles"

  name              = local.name
  environment       = var.environment
  account_id        = var.account_id
  repository        = var.repository
  regions           = [var.primary.region, var.recovery.region]
  cluster_arn       = module.cluster.arn
  repositories      = [for it in module.registry.repositories : it.arn]
  state_bucket_arn  = module.storage.buckets["state"].arn
  state_key_arn     = module.recovery.keys["storage"]
  access_policy_arn = module.access.policy_arn
  zone_arn          = module.dns.zone_arn
}
