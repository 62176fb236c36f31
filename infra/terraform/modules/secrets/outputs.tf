output "arns" {
  description = "Each secret."
  value       = { for name, secret in aws_secretsmanager_secret.this : name => secret.arn }
}

output "prefix" {
  description = "What every secret's name begins with."
  value       = "${var.name}/"
}

output "promises" {
  description = "The settings that keep the specification's promises, as they are planned."
  value       = { for name, secret in aws_secretsmanager_secret.this : name => { rotation_days = tonumber(secret.tags["opsctl:rotation-days"]), copied_to = [for it in secret.replica : it.region] } }
}
