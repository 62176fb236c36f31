mock_provider "aws" {
  source = "../../mocks"
}

variables {
  name                = "platform-test"
  vpc_id              = "vpc-1"
  cidr                = "10.20.0.0/16"
  zones               = ["eu-central-1a", "eu-central-1b", "eu-central-1c"]
  internet_gateway_id = "igw-1"
  private_subnets = {
    "eu-central-1a" = { id = "subnet-a", cidr = "10.20.32.0/19" }
    "eu-central-1b" = { id = "subnet-b", cidr = "10.20.64.0/19" }
    "eu-central-1c" = { id = "subnet-c", cidr = "10.20.96.0/19" }
  }
  private_route_tables = { "eu-central-1a" = "rtb-a", "eu-central-1b" = "rtb-b", "eu-central-1c" = "rtb-c" }
  logs_key_arn         = "arn:aws:kms:eu-central-1:111111111111:key/logs"
  domains              = ["api.stripe.com"]
}

run "pods_leave_through_the_firewall_of_their_zone" {
  assert {
    condition     = { for zone, it in aws_route.pods_to_firewall : zone => it.vpc_endpoint_id } == { "eu-central-1a" = "vpce-a", "eu-central-1b" = "vpce-b", "eu-central-1c" = "vpce-c" }
    error_message = "the default route of pods must lead to the firewall"
  }

  assert {
    condition     = alltrue([for it in aws_route.pods_to_firewall : it.nat_gateway_id == null && it.gateway_id == null])
    error_message = "pods may not be routed past the firewall"
  }

  assert {
    condition     = { for zone, it in aws_route.gateway_to_firewall : zone => it.destination_cidr_block } == { for zone, it in var.private_subnets : zone => it.cidr }
    error_message = "answers must come back through the firewall"
  }
}

run "only_named_domains_are_let_through" {
  assert {
    condition     = aws_networkfirewall_rule_group.domains.rule_group[0].rules_source[0].rules_source_list[0].generated_rules_type == "ALLOWLIST" && aws_networkfirewall_rule_group.domains.rule_group[0].rules_source[0].rules_source_list[0].targets == var.domains
    error_message = "the firewall must let named domains through"
  }

  assert {
    condition     = contains(aws_networkfirewall_firewall_policy.this.firewall_policy[0].stateful_default_actions, "aws:drop_established") && aws_networkfirewall_firewall_policy.this.firewall_policy[0].stateless_default_actions == toset(["aws:forward_to_sfe"])
    error_message = "and drop the rest"
  }

  assert {
    condition     = output.outbound_flows == { "api.stripe.com" = { to = "api.stripe.com", ports = [443], route = "allow-listed egress" } }
    error_message = "every way out must be listed"
  }
}

run "what_is_dropped_is_logged" {
  assert {
    condition     = one(aws_networkfirewall_logging_configuration.this.logging_configuration[0].log_destination_config).log_type == "ALERT" && aws_networkfirewall_firewall.this.delete_protection
    error_message = "drops must be logged, and the firewall protected"
  }
}

run "a_top_level_domain_is_refused" {
  command = plan

  variables {
    domains = [".com"]
  }

  expect_failures = [var.domains]
}

run "an_address_is_refused" {
  command = plan

  variables {
    domains = ["10.0.0.1"]
  }

  expect_failures = [var.domains]
}
