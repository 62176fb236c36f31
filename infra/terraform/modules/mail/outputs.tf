output "identity_arn" {
  description = "The domain, as SES knows it."
  value       = aws_sesv2_email_identity.this.arn
}
