output "arns" {
  description = "The keys that encrypt, by purpose: cache, cluster, database, logs, registry, secrets, storage."
  value       = { for purpose, key in aws_kms_key.purpose : purpose => key.arn }
}

output "signing_arn" {
  description = "The key that signs evidence."
  value       = aws_kms_key.signing.arn
}
