mock_provider "aws" {
  source = "../../mocks"
}

variables {
  name         = "platform-test"
  region       = "eu-central-1"
  cidr         = "10.20.0.0/16"
  zones        = ["eu-central-1a", "eu-central-1b", "eu-central-1c"]
  logs_key_arn = "arn:aws:kms:eu-central-1:111111111111:key/logs"
}

run "three_zones_with_subnets_that_do_not_overlap" {
  command = apply

  assert {
    condition     = alltrue([for kind in [aws_subnet.public, aws_subnet.private, aws_subnet.data] : toset(keys(kind)) == toset(var.zones)])
    error_message = "every kind of subnet must be in each of the three zones"
  }

  assert {
    condition = length(distinct(concat(
      [for it in aws_subnet.public : it.cidr_block], [for it in aws_subnet.private : it.cidr_block], [for it in aws_subnet.data : it.cidr_block],
    ))) == 9
    error_message = "subnets must not share addresses"
  }

  # Private subnets begin above the first /19, where all the small ones are.
  assert {
    condition     = alltrue([for it in aws_subnet.private : tonumber(split(".", it.cidr_block)[2]) >= 32]) && alltrue([for it in merge(aws_subnet.public, aws_subnet.data) : tonumber(split(".", it.cidr_block)[2]) < 32])
    error_message = "private subnets must not overlap the small ones"
  }

  assert {
    condition     = alltrue([for it in concat(values(aws_subnet.public), values(aws_subnet.private), values(aws_subnet.data)) : it.map_public_ip_on_launch == false])
    error_message = "nothing may get a public address by itself"
  }
}

run "nothing_inside_has_a_route_to_the_internet" {
  command = apply

  # This one route is all that leads to the gateway; the tables of private and data subnets carry none.
  assert {
    condition     = aws_route.public_internet.route_table_id == aws_route_table.public.id && alltrue([for table in concat(values(aws_route_table.private), [aws_route_table.data]) : table.id != aws_route_table.public.id])
    error_message = "only public subnets may have a route to the internet"
  }

  assert {
    condition     = alltrue([for zone, it in aws_route_table_association.private : it.route_table_id == aws_route_table.private[zone].id]) && alltrue([for it in aws_route_table_association.data : it.route_table_id == aws_route_table.data.id])
    error_message = "private and data subnets must use their own route tables"
  }

  assert {
    condition     = alltrue([for flow in output.outbound_flows : contains(["endpoint", "gateway endpoint"], flow.route)])
    error_message = "every way out must be an endpoint"
  }
}

run "every_aws_service_is_reached_by_an_endpoint_in_the_network" {
  command = apply

  assert {
    condition     = toset(keys(output.outbound_flows)) == setunion(var.endpoint_services, ["s3"])
    error_message = "every endpoint must be listed as a way out, and nothing else"
  }

  assert {
    condition     = alltrue([for it in aws_vpc_endpoint.service : it.private_dns_enabled && it.vpc_endpoint_type == "Interface" && length(it.subnet_ids) == 3])
    error_message = "endpoints must answer under the services' own names, in three zones"
  }

  assert {
    condition     = aws_vpc_endpoint.service["secretsmanager"].service_name == "com.amazonaws.eu-central-1.secretsmanager" && output.outbound_flows["email-smtp"].ports == [587]
    error_message = "services are reached in the region, mail by its own port"
  }

  assert {
    condition     = alltrue([for it in aws_vpc_security_group_ingress_rule.endpoints : contains([for subnet in aws_subnet.private : subnet.cidr_block], it.cidr_ipv4) && contains([443, 587], it.from_port) && it.from_port == it.to_port])
    error_message = "endpoints are open to private subnets alone, for HTTPS and mail"
  }
}

run "flows_are_logged_and_the_default_group_is_closed" {
  command = apply

  assert {
    condition     = aws_flow_log.this.traffic_type == "ALL" && aws_flow_log.this.vpc_id == aws_vpc.this.id
    error_message = "accepted and rejected flows of the VPC must be logged"
  }

  assert {
    condition     = aws_cloudwatch_log_group.flows.retention_in_days == 365 && aws_cloudwatch_log_group.flows.kms_key_id == var.logs_key_arn
    error_message = "flow logs must be kept for a year, encrypted"
  }

  assert {
    condition     = aws_default_security_group.closed.vpc_id == aws_vpc.this.id && try(length(aws_default_security_group.closed.ingress), 0) == 0 && try(length(aws_default_security_group.closed.egress), 0) == 0
    error_message = "the default security group must let nothing through"
  }
}

run "two_zones_are_refused" {
  command = plan

  variables {
    zones = ["eu-central-1a", "eu-central-1b"]
  }

  expect_failures = [var.zones]
}

run "public_addresses_are_refused" {
  command = plan

  variables {
    cidr = "8.8.0.0/16"
  }

  expect_failures = [var.cidr]
}

run "a_network_without_the_endpoint_of_secrets_is_refused" {
  command = plan

  variables {
    endpoint_services = ["ecr.api", "ecr.dkr", "sts", "kms", "logs"]
  }

  expect_failures = [var.endpoint_services]
}
