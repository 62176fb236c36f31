output "ids" {
  description = "The groups: load-balancer, pods, database, cache, drills, access."
  value       = local.group
}
