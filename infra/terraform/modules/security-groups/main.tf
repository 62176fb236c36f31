# Who may speak to whom: each rule names the other group, never a range of addresses, except the internet at the load
# balancer's door and the peered backup region. No group has a rule that nobody needs.

resource "aws_security_group" "this" {
  for_each = {
    load-balancer = "The load balancer: the one door"
    pods          = "Nodes and pods"
    database      = "PostgreSQL"
    cache         = "Redis"
    drills        = "Restored copies: reached by nodes alone, like the database, and never mistaken for it"
    access        = "The host that sessions of engineers and pipelines go through; nobody connects to it"
  }

  name        = "${var.name}-${each.key}"
  description = each.value
  vpc_id      = var.vpc_id

  tags = { Name = "${var.name}-${each.key}" }
}

locals {
  group = { for name, group in aws_security_group.this : name => group.id }

  # from → to on a port. Each becomes a way out of one group and a way into the other.
  between = {
    load-balancer-to-pods = { from = "load-balancer", to = "pods", port = var.pod_port, why = "Requests and health checks" }
    pods-to-database      = { from = "pods", to = "database", port = 5432, why = "Queries" }
    pods-to-drills        = { from = "pods", to = "drills", port = 5432, why = "Verifying a restored copy" }
    access-to-cluster     = { from = "access", to = "pods", port = 443, why = "The cluster's API, which is private" }
    pods-to-cache         = { from = "pods", to = "cache", port = 6379, why = "Cache, limits, event bus" }
  }

  doors = { http = 80, https = 443 }
}

resource "aws_vpc_security_group_egress_rule" "between" {
  for_each = local.between

  security_group_id            = local.group[each.value.from]
  referenced_security_group_id = local.group[each.value.to]
  description                  = each.value.why
  ip_protocol                  = "tcp"
  from_port                    = each.value.port
  to_port                      = each.value.port
}

resource "aws_vpc_security_group_ingress_rule" "between" {
  for_each = local.between

  security_group_id            = local.group[each.value.to]
  referenced_security_group_id = local.group[each.value.from]
  description                  = each.value.why
  ip_protocol                  = "tcp"
  from_port                    = each.value.port
  to_port                      = each.value.port
}

# The internet comes in here and nowhere else. Port 80 only redirects.
resource "aws_vpc_security_group_ingress_rule" "door" {
  #checkov:skip=CKV_AWS_260:port 80 only redirects to HTTPS
  for_each = local.doors

  security_group_id = local.group["load-balancer"]
  description       = "Clients, by ${each.key}"
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "tcp"
  from_port         = each.value
  to_port           = each.value
}

# Nodes and pods among themselves: the cluster's own traffic, which NetworkPolicies narrow pod by pod.
resource "aws_vpc_security_group_ingress_rule" "pods_among_themselves" {
  security_group_id            = local.group["pods"]
  referenced_security_group_id = local.group["pods"]
  description                  = "Nodes and pods among themselves"
  ip_protocol                  = "-1"
}

resource "aws_vpc_security_group_egress_rule" "pods_among_themselves" {
  security_group_id            = local.group["pods"]
  referenced_security_group_id = local.group["pods"]
  description                  = "Nodes and pods among themselves"
  ip_protocol                  = "-1"
}

resource "aws_vpc_security_group_egress_rule" "pods_to_endpoints" {
  for_each = { https = 443, mail = 587 }

  security_group_id            = local.group["pods"]
  referenced_security_group_id = var.endpoints_security_group_id
  description                  = "AWS services, by ${each.key}"
  ip_protocol                  = "tcp"
  from_port                    = each.value
  to_port                      = each.value
}

resource "aws_vpc_security_group_egress_rule" "access_to_endpoints" {
  security_group_id            = local.group["access"]
  referenced_security_group_id = var.endpoints_security_group_id
  description                  = "Session Manager"
  ip_protocol                  = "tcp"
  from_port                    = 443
  to_port                      = 443
}

resource "aws_vpc_security_group_egress_rule" "pods_to_s3" {
  security_group_id = local.group["pods"]
  prefix_list_id    = var.s3_prefix_list_id
  description       = "S3 in this region"
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
}

resource "aws_vpc_security_group_egress_rule" "pods_to_peer" {
  count = var.peer_cidr == null ? 0 : 1

  security_group_id = local.group["pods"]
  cidr_ipv4         = var.peer_cidr
  description       = "AWS services of the backup region, by peering"
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
}

resource "aws_vpc_security_group_egress_rule" "pods_to_allowed_domains" {
  count = var.internet_egress ? 1 : 0

  security_group_id = local.group["pods"]
  cidr_ipv4         = "0.0.0.0/0"
  description       = "Named domains: the network firewall drops the rest"
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
}
