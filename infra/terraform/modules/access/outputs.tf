output "policy_arn" {
  description = "Lets its holder open a session to the cluster's API."
  value       = aws_iam_policy.open.arn
}

output "document" {
  description = "The session document: `aws ssm start-session --target <host> --document-name <this> --parameters host=<endpoint>`."
  value       = aws_ssm_document.tunnel.name
}
