# The public name, its certificates, and the record that is switched at a failover. The switch is made by opsctl and by nobody
# else: a health check that moves traffic by itself would move writes to a database that is not the environment's own yet.

resource "aws_route53_zone" "public" {
  name    = var.domain
  comment = "Public names of the service"
}

resource "aws_acm_certificate" "primary" {
  domain_name       = var.domain
  validation_method = "DNS"
  key_algorithm     = "EC_prime256v1"

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_acm_certificate" "recovery" {
  region = var.recovery_region

  domain_name       = var.domain
  validation_method = "DNS"
  key_algorithm     = "EC_prime256v1"

  lifecycle {
    create_before_destroy = true
  }
}

locals {
  # One name, so one option; both certificates of one account ask for the same record.
  validation = one(aws_acm_certificate.primary.domain_validation_options)
}

resource "aws_route53_record" "validation" {
  zone_id         = aws_route53_zone.public.zone_id
  name            = local.validation.resource_record_name
  type            = local.validation.resource_record_type
  records         = [local.validation.resource_record_value]
  ttl             = 300
  allow_overwrite = true
}

resource "aws_acm_certificate_validation" "primary" {
  certificate_arn         = aws_acm_certificate.primary.arn
  validation_record_fqdns = [aws_route53_record.validation.fqdn]
}

resource "aws_acm_certificate_validation" "recovery" {
  region = var.recovery_region

  certificate_arn         = aws_acm_certificate.recovery.arn
  validation_record_fqdns = [aws_route53_record.validation.fqdn]
}

locals {
  serving = var.serving_from == "primary" ? var.load_balancer : var.recovery_load_balancer
}

resource "aws_route53_record" "public" {
  zone_id = aws_route53_zone.public.zone_id
  name    = var.domain
  type    = "A"

  alias {
    name                   = local.serving.dns_name
    zone_id                = local.serving.zone_id
    evaluate_target_health = false
  }
}

# Nobody but Amazon's authority may issue for the name.
resource "aws_route53_record" "authority" {
  zone_id = aws_route53_zone.public.zone_id
  name    = var.domain
  type    = "CAA"
  ttl     = 3600
  records = ["0 issue \"amazon.com\"", "0 issuewild \";\""]
}
