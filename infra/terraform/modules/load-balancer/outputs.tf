output "arn" {
  description = "The load balancer."
  value       = aws_lb.this.arn
}

output "dns_name" {
  description = "What the public name points at."
  value       = aws_lb.this.dns_name
}

output "zone_id" {
  description = "The zone of `dns_name`."
  value       = aws_lb.this.zone_id
}

output "target_group_arns" {
  description = "What TargetGroupBindings name: api and auth."
  value       = { for service, group in aws_lb_target_group.service : service => group.arn }
}

output "promises" {
  description = "The settings that keep the specification's promises, as they are planned."
  value = {
    listeners            = { for it in [aws_lb_listener.http, aws_lb_listener.https] : tostring(it.port) => it.default_action[0].type }
    tls_policy           = aws_lb_listener.https.ssl_policy
    to_pods              = toset([for group in aws_lb_target_group.service : group.protocol])
    health_check_seconds = toset([for group in aws_lb_target_group.service : group.health_check[0].interval])
    deletion_protection  = aws_lb.this.enable_deletion_protection
  }
}
