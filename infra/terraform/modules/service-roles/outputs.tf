output "arns" {
  description = "Each service's role."
  value       = { for service, role in module.role : service => role.arn }
}

output "reads" {
  description = "Which secrets each service of the app reads: the secrets' own policies say the same."
  value       = local.reads
}

output "actions" {
  description = "Every call that each service may make."
  value       = { for service, role in module.role : service => role.actions }
}
