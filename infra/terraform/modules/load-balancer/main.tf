# The one door: HTTPS, and port 80 that only redirects to it. Pods are put into the target groups by TargetGroupBindings in the
# cluster; nothing in the cluster may make or change a load balancer.

resource "aws_lb" "this" {
  name               = var.name
  internal           = false
  load_balancer_type = "application"
  subnets            = var.subnet_ids
  security_groups    = [var.security_group_id]

  enable_deletion_protection       = true
  enable_cross_zone_load_balancing = true
  enable_http2                     = true
  drop_invalid_header_fields       = true
  desync_mitigation_mode           = "defensive"
  # Longer than the service's own limit for a request, shorter than its keep-alive.
  idle_timeout = 60

  access_logs {
    bucket  = var.logs_bucket
    prefix  = "access"
    enabled = true
  }

  connection_logs {
    bucket  = var.logs_bucket
    prefix  = "connections"
    enabled = true
  }
}

resource "aws_lb_target_group" "service" {
  for_each = toset(["api", "auth"])

  name        = "${var.name}-${each.key}"
  vpc_id      = var.vpc_id
  target_type = "ip"
  port        = var.pod_port
  protocol    = "HTTPS"

  deregistration_delay          = var.drain_seconds
  load_balancing_algorithm_type = "least_outstanding_requests"

  health_check {
    enabled             = true
    protocol            = "HTTPS"
    path                = "/health/ready"
    matcher             = "200"
    interval            = var.health_check_seconds
    timeout             = 4
    healthy_threshold   = 2
    unhealthy_threshold = 2
  }

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_lb_listener" "http" {
  load_balancer_arn = aws_lb.this.arn
  port              = 80
  protocol          = "HTTP"

  default_action {
    type = "redirect"

    redirect {
      port        = "443"
      protocol    = "HTTPS"
      status_code = "HTTP_301"
    }
  }
}

resource "aws_lb_listener" "https" {
  load_balancer_arn = aws_lb.this.arn
  port              = 443
  protocol          = "HTTPS"
  ssl_policy        = var.tls_policy
  certificate_arn   = var.certificate_arn

  routing_http_response_server_enabled                         = false
  routing_http_response_strict_transport_security_header_value = "max-age=63072000; includeSubDomains"
  routing_http_response_x_content_type_options_header_value    = "nosniff"

  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.service["api"].arn
  }
}
