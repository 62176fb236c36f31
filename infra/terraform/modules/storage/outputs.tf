output "buckets" {
  description = "Each bucket's name and ARN, and its copy: backups, reports, evidence, state, logs."
  value       = { for purpose, bucket in module.bucket : purpose => { name = bucket.name, arn = bucket.arn, replica = bucket.replica } }
}

output "access_logs" {
  description = "Where the load balancer of the primary region logs."
  value       = module.access_logs.name
}

output "recovery_access_logs" {
  description = "Where the load balancer of the recovery region logs."
  value       = module.recovery_access_logs.name
}

output "promises" {
  description = "The settings that keep the specification's promises, as they are planned."
  value       = { for purpose, bucket in module.bucket : purpose => bucket.promises }
}
