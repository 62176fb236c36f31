output "deploy_role_arn" {
  description = "The role that opsctl runs by in a pipeline."
  value       = aws_iam_role.deploy.arn
}

output "plan_role_arn" {
  description = "The role that makes plans, for the environment of workflows called `<environment>-plan`."
  value       = aws_iam_role.plan.arn
}

output "look_role_arn" {
  description = "The role that looks at what is configured and changes nothing."
  value       = aws_iam_role.look.arn
}

output "apply_role_arn" {
  description = "The role that Terraform applies by."
  value       = aws_iam_role.apply.arn
}
