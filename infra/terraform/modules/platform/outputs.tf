output "manifests" {
  description = "What manifests need: `$(outputs:<name>)` in k8s/ stands for one of these."
  value = {
    account_id         = var.account_id
    region             = var.primary.region
    public_url         = "https://${var.domain}"
    registry           = module.registry.repositories["app"].url
    registries         = { for image, it in module.registry.repositories : image => it.url }
    roles              = module.service_roles.arns
    target_groups      = module.load_balancer.target_group_arns
    public_cidrs       = [for zone in var.primary.zones : module.network.public_subnets[zone].cidr]
    private_cidrs      = [for zone in var.primary.zones : module.network.private_subnets[zone].cidr]
    data_cidrs         = [for zone in var.primary.zones : module.network.data_subnets[zone].cidr]
    database_authority = var.database_authority
    reports_bucket     = module.storage.buckets["reports"].name
    cluster            = module.cluster.name
    mail_from          = var.mail.from
    mail_staging_to    = var.mail.staging_to

    # For what watches.
    database_hosts      = concat([module.database.endpoint], module.database.replica_endpoints)
    cache_host          = module.cache.endpoint
    logs_archive_bucket = module.storage.buckets["logs"].name
    runbooks_url        = local.runbooks_url

    # Names, not values. What all three read, and what each reads.
    secrets        = [for name in sort(setintersection(values(module.service_roles.reads)...)) : "${local.name}/${name}"]
    secrets_of     = { for service, names in module.service_roles.reads : service => join(",", [for name in names : "${local.name}/${name}"]) }
    secrets_prefix = module.secrets.prefix
  }
}

output "recovery_manifests" {
  description = "The same for the other region's cluster; null without a standby."
  value = !var.recovery.standby ? null : {
    account_id         = var.account_id
    region             = var.recovery.region
    public_url         = "https://${var.domain}"
    registry           = module.registry.recovery_repositories["app"].url
    registries         = { for image, it in module.registry.recovery_repositories : image => it.url }
    roles              = module.recovery_roles[0].arns
    target_groups      = module.recovery.standby.target_groups
    public_cidrs       = [for zone in var.recovery.zones : module.recovery.network.public_subnets[zone].cidr]
    private_cidrs      = [for zone in var.recovery.zones : module.recovery.network.private_subnets[zone].cidr]
    data_cidrs         = [for zone in var.recovery.zones : module.recovery.network.data_subnets[zone].cidr]
    database_authority = var.database_authority
    reports_bucket     = module.storage.buckets["reports"].replica.name
    cluster            = module.recovery.standby.cluster.name
    mail_from          = var.mail.from
    mail_staging_to    = var.mail.staging_to

    # Before a failover there is no database to watch there, and afterwards it has the name that opsctl gave it.
    database_hosts      = var.recovery.database_hosts
    cache_host          = module.recovery.standby.cache.endpoint
    logs_archive_bucket = module.storage.buckets["logs"].replica.name
    runbooks_url        = local.runbooks_url

    secrets        = [for name in sort(setintersection(values(module.service_roles.reads)...)) : "${local.name}/${name}"]
    secrets_of     = { for service, names in module.service_roles.reads : service => join(",", [for name in names : "${local.name}/${name}"]) }
    secrets_prefix = module.secrets.prefix
  }
}

output "operations" {
  description = "What opsctl.yaml names of this environment."
  value = {
    account_id   = var.account_id
    region       = var.primary.region
    backup       = { region = var.recovery.region, database_key = module.recovery.keys["database"] }
    cluster      = { name = module.cluster.name, access = module.access.document }
    database     = { identifier = module.database.identifier, endpoint = module.database.endpoint, replicas = module.database.replica_endpoints }
    restore_with = { subnet_group = module.database.subnet_group, parameter_group = module.database.parameter_group, drill_group_ids = [module.security_groups.ids["drills"]] }
    recovery     = module.recovery.restore_with
    cache        = { name = module.cache.name, endpoint = module.cache.endpoint, user = module.cache.user }
    buckets      = { for purpose, bucket in module.storage.buckets : purpose => bucket.name }
    signing_key  = module.keys.signing_arn
    zone_id      = module.dns.zone_id
    roles        = { plan = module.pipeline_roles.plan_role_arn, deploy = module.pipeline_roles.deploy_role_arn, look = module.pipeline_roles.look_role_arn, apply = module.pipeline_roles.apply_role_arn }
  }
}

output "outbound_flows" {
  description = "Every way out of the private subnets: to what, on which ports, by which route."
  value       = merge(module.network.outbound_flows, module.peering.outbound_flows, try(module.egress[0].outbound_flows, {}))
}

output "promises" {
  description = "The settings that keep the specification's promises, as they are planned."
  value = {
    database      = module.database.promises
    cache         = module.cache.promises
    cluster       = module.cluster.promises
    load_balancer = module.load_balancer.promises
    waf           = module.waf.groups
    shield        = try(keys(module.shield[0].protected), [])
    storage       = module.storage.promises
    secrets       = module.secrets.promises
    registry      = module.registry.promises
    recovery      = try(module.recovery.standby.promises, null)
  }
}

output "name_servers" {
  description = "What the parent's zone must delegate to."
  value       = module.dns.name_servers
}
