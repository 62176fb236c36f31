mock_provider "aws" {}

variables {
  name              = "platform-test"
  account_id        = "111111111111"
  load_balancer_arn = "arn:aws:elasticloadbalancing:eu-central-1:111111111111:loadbalancer/app/platform/1"
  logs_key_arn      = "arn:aws:kms:eu-central-1:111111111111:key/logs"
}

run "it_stands_before_the_load_balancer" {
  assert {
    condition     = aws_wafv2_web_acl_association.load_balancer.resource_arn == var.load_balancer_arn && aws_wafv2_web_acl_association.load_balancer.web_acl_arn == aws_wafv2_web_acl.this.arn && aws_wafv2_web_acl.this.scope == "REGIONAL"
    error_message = "the access list must be tied to the load balancer"
  }
}

run "every_rule_group_is_named_and_refuses" {
  assert {
    condition = toset(flatten([for rule in aws_wafv2_web_acl.this.rule : [for it in rule.statement[0].managed_rule_group_statement : it.name]])) == toset([
      "AWSManagedRulesAmazonIpReputationList", "AWSManagedRulesKnownBadInputsRuleSet", "AWSManagedRulesCommonRuleSet", "AWSManagedRulesSQLiRuleSet",
    ])
    error_message = "reputation, known bad inputs, common rules and SQL injection must be there"
  }

  assert {
    condition     = alltrue([for rule in aws_wafv2_web_acl.this.rule : length(rule.statement[0].managed_rule_group_statement) == try(length(rule.override_action[0].none), 0)])
    error_message = "a rule group that only counts protects nobody"
  }

  assert {
    condition     = length(distinct([for rule in aws_wafv2_web_acl.this.rule : rule.priority])) == length(aws_wafv2_web_acl.this.rule)
    error_message = "rules must have an order"
  }
}

run "a_post_of_100_kb_and_a_post_with_html_pass" {
  assert {
    condition = alltrue([
      for name in ["SizeRestrictions_BODY", "CrossSiteScripting_BODY", "GenericRFI_BODY", "GenericLFI_BODY", "SQLi_BODY", "SQLiExtendedPatterns_BODY"] : contains(flatten([
        for rule in aws_wafv2_web_acl.this.rule : [for group in rule.statement[0].managed_rule_group_statement : [for it in group.rule_action_override : it.name if length(it.action_to_use[0].count) == 1]]
      ]), name)
    ])
    error_message = "rules on bodies must mark and not refuse: posts are free text"
  }
}

run "marked_bodies_are_refused_outside_free_text" {
  assert {
    condition = alltrue([
      for path in ["/api/posts", "/api/posts/1", "/api/v2/posts", "/api/comments/1"] : can(regex(one(flatten([
        for rule in aws_wafv2_web_acl.this.rule : [for it in rule.statement[0].and_statement : it.statement[1].not_statement[0].statement[0].regex_match_statement[0].regex_string]
      ])), path))
    ])
    error_message = "posts and comments may hold any text"
  }

  assert {
    condition = alltrue([
      for path in ["/auth/login", "/api/users/1", "/api/postscript", "/x/api/posts"] : !can(regex(one(flatten([
        for rule in aws_wafv2_web_acl.this.rule : [for it in rule.statement[0].and_statement : it.statement[1].not_statement[0].statement[0].regex_match_statement[0].regex_string]
      ])), path))
    ])
    error_message = "everywhere else a marked body must be refused"
  }
}

run "the_limit_is_above_the_contracts" {
  assert {
    condition     = one(flatten([for rule in aws_wafv2_web_acl.this.rule : [for it in rule.statement[0].rate_based_statement : it.limit]])) > 10000
    error_message = "the contract allows 10000 requests a minute from one address"
  }
}

run "what_it_refuses_is_logged_without_tokens" {
  assert {
    condition     = toset([for it in aws_wafv2_web_acl_logging_configuration.this.redacted_fields : it.single_header[0].name]) == toset(["authorization", "cookie"]) && startswith(aws_cloudwatch_log_group.this.name, "aws-waf-logs-")
    error_message = "logs must leave out tokens"
  }
}

run "a_limit_below_the_contract_is_refused" {
  command = plan

  variables {
    requests_per_minute_and_address = 2000
  }

  expect_failures = [var.requests_per_minute_and_address]
}
