mock_provider "aws" {
  source = "../../mocks"
}

variables {
  domain     = "api.example.com"
  zone_id    = "Z1"
  reports_to = "postmaster@example.com"
}

run "mails_are_signed_and_delivered_over_tls" {
  assert {
    condition     = aws_sesv2_configuration_set.this.delivery_options[0].tls_policy == "REQUIRE"
    error_message = "mails may not leave in the clear"
  }

  assert {
    condition     = tolist([for it in aws_route53_record.signing : it.name]) == tolist(["one._domainkey.api.example.com", "two._domainkey.api.example.com", "three._domainkey.api.example.com"]) && strcontains(one(aws_route53_record.policy.records), "p=reject")
    error_message = "receivers must be able to tell our mails from others'"
  }
}

run "a_domain_that_is_none_is_refused" {
  command = plan

  variables {
    domain = "nobody"
  }

  expect_failures = [var.domain]
}
