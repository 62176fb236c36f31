output "protected" {
  description = "What is protected."
  value       = { for name, it in aws_shield_protection.this : name => it.resource_arn }
}
