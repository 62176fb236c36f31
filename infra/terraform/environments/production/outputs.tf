output "manifests" {
  description = "For k8s/: `terraform output -json manifests`."
  value       = module.platform.manifests
}

output "recovery_manifests" {
  description = "The same for the recovery region's cluster."
  value       = module.platform.recovery_manifests
}

output "operations" {
  description = "What opsctl.yaml names."
  value       = module.platform.operations
}

output "outbound_flows" {
  description = "Every way out of the private subnets."
  value       = module.platform.outbound_flows
}

output "promises" {
  description = "The settings that keep the specification's promises."
  value       = module.platform.promises
}

output "name_servers" {
  description = "What the parent's zone must delegate to."
  value       = module.platform.name_servers
}
