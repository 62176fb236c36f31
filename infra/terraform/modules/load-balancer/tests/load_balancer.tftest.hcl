mock_provider "aws" {}

variables {
  name              = "platform-test"
  vpc_id            = "vpc-1"
  subnet_ids        = ["subnet-a", "subnet-b", "subnet-c"]
  security_group_id = "sg-load-balancer"
  certificate_arn   = "arn:aws:acm:eu-central-1:111111111111:certificate/1"
  logs_bucket       = "logs"
}

run "https_only" {
  assert {
    condition     = aws_lb_listener.http.port == 80 && aws_lb_listener.http.default_action[0].type == "redirect" && aws_lb_listener.http.default_action[0].redirect[0].protocol == "HTTPS" && aws_lb_listener.http.default_action[0].redirect[0].status_code == "HTTP_301"
    error_message = "port 80 may only redirect to HTTPS"
  }

  assert {
    condition     = aws_lb_listener.https.protocol == "HTTPS" && aws_lb_listener.https.ssl_policy == "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09"
    error_message = "TLS must be 1.2 or newer"
  }

  assert {
    condition     = startswith(aws_lb_listener.https.routing_http_response_strict_transport_security_header_value, "max-age=63072000")
    error_message = "clients must be told to stay with HTTPS"
  }

  assert {
    condition     = alltrue([for it in aws_lb_target_group.service : it.protocol == "HTTPS" && it.health_check[0].protocol == "HTTPS" && it.target_type == "ip"])
    error_message = "the way to the pods must be TLS too"
  }
}

run "pods_are_asked_every_30_seconds" {
  assert {
    condition     = alltrue([for it in aws_lb_target_group.service : it.health_check[0].enabled && it.health_check[0].interval == 30 && it.health_check[0].path == "/health/ready"])
    error_message = "health checks must come every 30 seconds"
  }

  assert {
    condition     = alltrue([for it in aws_lb_target_group.service : tonumber(it.deregistration_delay) < 60])
    error_message = "draining must end before the pod does"
  }
}

run "each_path_goes_to_its_service" {
  assert {
    condition     = aws_lb_listener_rule.auth.action[0].target_group_arn == aws_lb_target_group.service["auth"].arn && one([for it in aws_lb_listener_rule.auth.condition : it.path_pattern[0].values]) == toset(["/auth/*", "/.well-known/jwks.json"])
    error_message = "/auth/ and the keys must go to auth"
  }

  assert {
    condition     = aws_lb_listener_rule.api.action[0].target_group_arn == aws_lb_target_group.service["api"].arn && aws_lb_listener_rule.api.priority > aws_lb_listener_rule.auth.priority
    error_message = "everything else must go to api, after auth had its turn"
  }

  assert {
    condition     = aws_lb_listener_rule.inside.priority < aws_lb_listener_rule.auth.priority && aws_lb_listener_rule.inside.action[0].fixed_response[0].status_code == "404" && keys(jsondecode(aws_lb_listener_rule.inside.action[0].fixed_response[0].message_body)) == ["error", "message"]
    error_message = "measurements must not be served outside, and the answer must have the contract's shape"
  }
}

run "it_is_protected_and_logged" {
  assert {
    condition     = aws_lb.this.enable_deletion_protection && aws_lb.this.drop_invalid_header_fields && aws_lb.this.internal == false
    error_message = "the load balancer must be protected from deletion and drop malformed headers"
  }

  assert {
    condition     = aws_lb.this.access_logs[0].enabled && aws_lb.this.connection_logs[0].enabled
    error_message = "requests and connections must be logged"
  }
}

run "a_policy_with_tls_1_0_is_refused" {
  command = plan

  variables {
    tls_policy = "ELBSecurityPolicy-2016-08"
  }

  expect_failures = [var.tls_policy]
}

run "a_health_check_every_minute_is_refused" {
  command = plan

  variables {
    health_check_seconds = 60
  }

  expect_failures = [var.health_check_seconds]
}
