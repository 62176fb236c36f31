output "keys" {
  description = "The keys of this region by purpose: copies are encrypted by them."
  value       = module.keys.arns
}

output "signing_key_arn" {
  description = "The key that signs evidence here."
  value       = module.keys.signing_arn
}

output "network" {
  description = "What a peering with this region needs."
  value = {
    vpc_id                      = module.network.vpc_id
    cidr                        = module.network.cidr
    route_table_ids             = module.network.private_route_tables
    endpoints_security_group_id = module.network.endpoints_security_group_id
    endpoint_names              = module.network.endpoint_names
    public_subnets              = module.network.public_subnets
    private_subnets             = module.network.private_subnets
    data_subnets                = module.network.data_subnets
    outbound_flows              = module.network.outbound_flows
  }
}

output "restore_with" {
  description = "What a database restored here is given: RDS forgets it."
  value = {
    subnet_group       = aws_db_subnet_group.restored.name
    parameter_group    = aws_db_parameter_group.restored.name
    security_group_ids = [module.security_groups.ids["database"]]
    drill_group_ids    = [module.security_groups.ids["drills"]]
    key_arn            = module.keys.arns["database"]
  }
}

output "load_balancer" {
  description = "What the public name points at after a failover; null without a standby."
  value       = var.standby == null ? null : { dns_name = module.load_balancer["this"].dns_name, zone_id = module.load_balancer["this"].zone_id }
}

output "standby" {
  description = "What stands ready, as it is planned; null where nothing does."
  value = var.standby == null ? null : {
    cluster       = { name = module.cluster["this"].name, arn = module.cluster["this"].arn, identity_provider = module.cluster["this"].identity_provider }
    target_groups = module.load_balancer["this"].target_group_arns
    cache         = { name = module.cache["this"].name, arn = module.cache["this"].arn, user_arn = module.cache["this"].user_arn, endpoint = module.cache["this"].endpoint }
    promises = {
      load_balancer = module.load_balancer["this"].promises
      waf           = module.waf["this"].groups
      cluster       = module.cluster["this"].promises
      cache         = module.cache["this"].promises
      shield        = length(module.shield) == 1
    }
  }
}
