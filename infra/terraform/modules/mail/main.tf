# The domain that mails are sent from, proved to receivers. Mails leave by SES's endpoint in the network, over TLS; the credentials
# are a secret, which `opsctl secrets rotate smtp` makes.

resource "aws_sesv2_configuration_set" "this" {
  configuration_set_name = replace(var.domain, ".", "-")

  delivery_options {
    tls_policy = "REQUIRE"
  }

  reputation_options {
    reputation_metrics_enabled = true
  }

  suppression_options {
    suppressed_reasons = ["BOUNCE", "COMPLAINT"]
  }
}

resource "aws_sesv2_email_identity" "this" {
  email_identity         = var.domain
  configuration_set_name = aws_sesv2_configuration_set.this.configuration_set_name
}

resource "aws_ses_domain_dkim" "this" {
  domain = aws_sesv2_email_identity.this.email_identity
}

# SES signs with three keys.
resource "aws_route53_record" "signing" {
  count = 3

  zone_id = var.zone_id
  name    = "${aws_ses_domain_dkim.this.dkim_tokens[count.index]}._domainkey.${var.domain}"
  type    = "CNAME"
  ttl     = 3600
  records = ["${aws_ses_domain_dkim.this.dkim_tokens[count.index]}.dkim.amazonses.com"]
}

resource "aws_route53_record" "policy" {
  zone_id = var.zone_id
  name    = "_dmarc.${var.domain}"
  type    = "TXT"
  ttl     = 3600
  records = ["v=DMARC1; p=reject; rua=mailto:${var.reports_to}"]
}
