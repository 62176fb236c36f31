output "arn" {
  description = "The role."
  value       = aws_iam_role.this.arn
}

output "actions" {
  description = "Every call that the role may make."
  value       = sort(distinct(flatten([for it in var.statements : it.actions])))
}
