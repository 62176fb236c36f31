mock_provider "aws" {}

variables {
  name                        = "platform-test"
  vpc_id                      = "vpc-1"
  endpoints_security_group_id = "sg-endpoints"
  s3_prefix_list_id           = "pl-s3"
}

run "only_the_load_balancer_is_open_to_the_internet" {
  assert {
    condition     = alltrue([for it in aws_vpc_security_group_ingress_rule.door : it.security_group_id == aws_security_group.this["load-balancer"].id]) && toset([for it in aws_vpc_security_group_ingress_rule.door : it.from_port]) == toset([80, 443])
    error_message = "the internet may come in at the load balancer alone, on 80 and 443"
  }

  assert {
    condition     = alltrue([for it in concat(values(aws_vpc_security_group_ingress_rule.between), [aws_vpc_security_group_ingress_rule.pods_among_themselves]) : it.cidr_ipv4 == null && it.cidr_ipv6 == null && it.referenced_security_group_id != null])
    error_message = "everything else must be let in by reference to a group"
  }
}

run "the_database_and_the_cache_hear_pods_alone" {
  assert {
    condition     = [for it in aws_vpc_security_group_ingress_rule.between : it.referenced_security_group_id if contains([aws_security_group.this["database"].id, aws_security_group.this["cache"].id, aws_security_group.this["drills"].id], it.security_group_id)] == [for _ in range(3) : aws_security_group.this["pods"].id]
    error_message = "pods alone may reach the database, restored copies and the cache"
  }

  assert {
    condition     = aws_vpc_security_group_ingress_rule.between["pods-to-database"].from_port == 5432 && aws_vpc_security_group_ingress_rule.between["pods-to-cache"].from_port == 6379
    error_message = "each on its own port"
  }
}

run "nobody_connects_to_the_access_host" {
  assert {
    condition     = alltrue([for it in aws_vpc_security_group_ingress_rule.between : it.security_group_id != aws_security_group.this["access"].id])
    error_message = "the access host is reached by Session Manager, which it calls itself"
  }

  assert {
    condition     = [for it in aws_vpc_security_group_egress_rule.between : it.from_port if it.security_group_id == aws_security_group.this["access"].id] == [443]
    error_message = "the access host may reach the cluster's API and nothing else"
  }
}

run "pods_reach_no_internet" {
  assert {
    condition     = length(aws_vpc_security_group_egress_rule.pods_to_allowed_domains) == 0 && length(aws_vpc_security_group_egress_rule.pods_to_peer) == 0
    error_message = "pods may not reach addresses that were not asked for"
  }

  assert {
    condition     = aws_vpc_security_group_egress_rule.pods_to_s3.prefix_list_id == "pl-s3" && aws_vpc_security_group_egress_rule.pods_to_endpoints["mail"].from_port == 587
    error_message = "S3 and mail are reached inside the network"
  }
}

run "the_backup_region_is_reached_by_peering_alone" {
  variables {
    peer_cidr = "10.21.0.0/16"
  }

  assert {
    condition     = aws_vpc_security_group_egress_rule.pods_to_peer[0].cidr_ipv4 == "10.21.0.0/16" && aws_vpc_security_group_egress_rule.pods_to_peer[0].from_port == 443
    error_message = "the backup region must be reached on 443 of its own addresses"
  }
}

run "a_port_that_needs_root_is_refused" {
  command = plan

  variables {
    pod_port = 443
  }

  expect_failures = [var.pod_port]
}
