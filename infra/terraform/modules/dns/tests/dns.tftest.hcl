mock_provider "aws" {
  source = "../../mocks"
}

variables {
  domain                 = "api.example.com"
  recovery_region        = "eu-west-1"
  load_balancer          = { dns_name = "primary.elb", zone_id = "Z1" }
  recovery_load_balancer = { dns_name = "recovery.elb", zone_id = "Z2" }
}

run "each_region_has_a_certificate_of_the_name" {
  assert {
    condition     = aws_acm_certificate.primary.domain_name == "api.example.com" && aws_acm_certificate.recovery.domain_name == "api.example.com" && aws_acm_certificate.recovery.region == "eu-west-1"
    error_message = "both regions must be able to serve the name"
  }

  assert {
    condition     = aws_acm_certificate.primary.validation_method == "DNS" && aws_route53_record.validation.name == "_x.api.example.com" && aws_route53_record.validation.records == toset(["_y.acm-validations.aws"])
    error_message = "certificates must renew by themselves"
  }

  assert {
    condition     = aws_route53_record.public.alias[0].name == "primary.elb" && aws_route53_record.public.alias[0].evaluate_target_health == false
    error_message = "the name must point at the primary region, and be moved by nobody but opsctl"
  }

  assert {
    condition     = contains(aws_route53_record.authority.records, "0 issue \"amazon.com\"")
    error_message = "only Amazon's authority may issue certificates for the name"
  }
}

run "after_a_failover_the_other_region_answers" {
  variables {
    serving_from = "recovery"
  }

  assert {
    condition     = aws_route53_record.public.alias[0].name == "recovery.elb"
    error_message = "the name must point at the recovery region"
  }
}

run "serving_from_a_region_that_is_not_there_is_refused" {
  command = plan

  variables {
    serving_from           = "recovery"
    recovery_load_balancer = null
  }

  expect_failures = [var.serving_from]
}
