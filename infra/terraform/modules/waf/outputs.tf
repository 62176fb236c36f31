output "arn" {
  description = "The access list."
  value       = aws_wafv2_web_acl.this.arn
}

output "groups" {
  description = "The rule groups that refuse, by name."
  value       = [for group in local.groups : group.name]
}
