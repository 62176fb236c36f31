mock_provider "aws" {}

variables {
  name      = "platform-test"
  resources = { load-balancer = "arn:aws:elasticloadbalancing:eu-central-1:111111111111:loadbalancer/app/platform/1" }
}

run "the_load_balancer_is_protected_without_a_commitment_by_surprise" {
  assert {
    condition     = aws_shield_protection.this["load-balancer"].resource_arn == var.resources["load-balancer"]
    error_message = "the load balancer must be protected"
  }

  assert {
    condition     = length(aws_shield_subscription.this) == 0
    error_message = "nobody commits to a year of payments by a default"
  }
}

run "the_subscription_outlives_the_stack" {
  variables {
    subscribe = true
  }

  assert {
    condition     = aws_shield_subscription.this[0].auto_renew == "ENABLED" && aws_shield_subscription.this[0].skip_destroy
    error_message = "the subscription must renew and stay"
  }
}

run "protecting_nothing_is_refused" {
  command = plan

  variables {
    resources = {}
  }

  expect_failures = [var.resources]
}
