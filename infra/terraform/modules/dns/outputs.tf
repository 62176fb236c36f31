output "zone_id" {
  description = "The public zone."
  value       = aws_route53_zone.public.zone_id
}

output "zone_arn" {
  description = "The public zone, for protection and for opsctl's rights."
  value       = aws_route53_zone.public.arn
}

output "name_servers" {
  description = "What the parent's zone must delegate to."
  value       = aws_route53_zone.public.name_servers
}

output "certificate_arn" {
  description = "The certificate of the primary region, once it is valid."
  value       = aws_acm_certificate_validation.primary.certificate_arn
}

output "recovery_certificate_arn" {
  description = "The certificate of the recovery region, once it is valid."
  value       = aws_acm_certificate_validation.recovery.certificate_arn
}
