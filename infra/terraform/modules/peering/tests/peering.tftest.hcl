mock_provider "aws" {}

variables {
  name     = "platform-test"
  here     = { vpc_id = "vpc-1", cidr = "10.20.0.0/16", route_table_ids = { a = "rtb-1a", b = "rtb-1b", c = "rtb-1c" } }
  there    = { vpc_id = "vpc-2", cidr = "10.21.0.0/16", route_table_ids = { a = "rtb-2a", b = "rtb-2b", c = "rtb-2c" }, region = "eu-west-1", endpoints_security_group_id = "sg-2" }
  services = { rds = { dns_name = "vpce-rds.example", zone_id = "Z1" }, s3 = { dns_name = "vpce-s3.example", zone_id = "Z2" } }
}

run "the_backup_region_is_reached_by_its_own_addresses" {
  assert {
    condition     = alltrue([for it in aws_route.there : it.destination_cidr_block == "10.21.0.0/16"]) && alltrue([for it in aws_route.back : it.destination_cidr_block == "10.20.0.0/16" && it.region == "eu-west-1"])
    error_message = "each side must be routed to the other's range and to nothing wider"
  }

  assert {
    condition     = aws_vpc_peering_connection.this.peer_region == "eu-west-1" && aws_vpc_peering_connection_accepter.this.region == "eu-west-1" && aws_vpc_peering_connection_accepter.this.auto_accept
    error_message = "the other region must accept"
  }
}

run "only_https_to_endpoints_comes_in_there" {
  assert {
    condition     = aws_vpc_security_group_ingress_rule.endpoints.security_group_id == "sg-2" && aws_vpc_security_group_ingress_rule.endpoints.from_port == 443 && aws_vpc_security_group_ingress_rule.endpoints.cidr_ipv4 == "10.20.0.0/16"
    error_message = "the peered network may reach endpoints on 443 alone"
  }
}

run "names_of_that_region_lead_to_its_endpoints" {
  assert {
    condition     = aws_route53_record.service["rds"].name == "rds.eu-west-1.amazonaws.com" && aws_route53_record.service["*.s3"].name == "*.s3.eu-west-1.amazonaws.com" && aws_route53_record.service["s3"].alias[0].name == "vpce-s3.example"
    error_message = "names must lead to endpoints, buckets' names too"
  }

  assert {
    condition     = toset(keys(output.outbound_flows)) == toset(["eu-west-1/rds", "eu-west-1/s3"]) && alltrue([for it in output.outbound_flows : it.route == "peering"])
    error_message = "every way out must be listed"
  }
}

run "networks_that_share_addresses_are_refused" {
  command = plan

  variables {
    here = { vpc_id = "vpc-1", cidr = "10.21.0.0/16", route_table_ids = { a = "rtb-1a", b = "rtb-1b", c = "rtb-1c" } }
  }

  expect_failures = [var.there]
}
