# The way out to named domains, where an environment needs any (the payment provider): through a firewall that reads the name in
# the TLS handshake and drops all others. Each zone leaves through its own. Subnets of their own keep the load balancer's
# traffic off this path.

locals {
  zones = { for at, zone in var.zones : zone => at }
}

resource "aws_subnet" "firewall" {
  for_each = local.zones

  vpc_id            = var.vpc_id
  availability_zone = each.key
  cidr_block        = cidrsubnet(var.cidr, 12, 256 + each.value)

  tags = { Name = "${var.name}-firewall-${each.key}" }
}

resource "aws_subnet" "way_out" {
  for_each = local.zones

  vpc_id            = var.vpc_id
  availability_zone = each.key
  cidr_block        = cidrsubnet(var.cidr, 12, 264 + each.value)

  tags = { Name = "${var.name}-way-out-${each.key}" }
}

resource "aws_eip" "this" {
  for_each = local.zones

  domain = "vpc"

  tags = { Name = "${var.name}-${each.key}" }
}

resource "aws_nat_gateway" "this" {
  for_each = local.zones

  allocation_id = aws_eip.this[each.key].allocation_id
  subnet_id     = aws_subnet.way_out[each.key].id

  tags = { Name = "${var.name}-${each.key}" }
}

locals {
  endpoints = {
    for state in aws_networkfirewall_firewall.this.firewall_status[0].sync_states : state.availability_zone => state.attachment[0].endpoint_id
  }
}

# Pods → firewall → gateway → internet, and the same way back.
resource "aws_route" "pods_to_firewall" {
  for_each = local.zones

  route_table_id         = var.private_route_tables[each.key]
  destination_cidr_block = "0.0.0.0/0"
  vpc_endpoint_id        = local.endpoints[each.key]
}

resource "aws_route_table" "firewall" {
  for_each = local.zones

  vpc_id = var.vpc_id

  tags = { Name = "${var.name}-firewall-${each.key}" }
}

resource "aws_route" "firewall_to_gateway" {
  #checkov:skip=CKV2_SPEC_18:what the firewall let through
  for_each = local.zones

  route_table_id         = aws_route_table.firewall[each.key].id
  destination_cidr_block = "0.0.0.0/0"
  nat_gateway_id         = aws_nat_gateway.this[each.key].id
}

resource "aws_route_table_association" "firewall" {
  for_each = local.zones

  subnet_id      = aws_subnet.firewall[each.key].id
  route_table_id = aws_route_table.firewall[each.key].id
}

resource "aws_route_table" "way_out" {
  for_each = local.zones

  vpc_id = var.vpc_id

  tags = { Name = "${var.name}-way-out-${each.key}" }
}

resource "aws_route" "gateway_to_internet" {
  #checkov:skip=CKV2_SPEC_18:what the firewall let through
  for_each = local.zones

  route_table_id         = aws_route_table.way_out[each.key].id
  destination_cidr_block = "0.0.0.0/0"
  gateway_id             = var.internet_gateway_id
}

resource "aws_route" "gateway_to_firewall" {
  for_each = local.zones

  route_table_id         = aws_route_table.way_out[each.key].id
  destination_cidr_block = var.private_subnets[each.key].cidr
  vpc_endpoint_id        = local.endpoints[each.key]
}

resource "aws_route_table_association" "way_out" {
  for_each = local.zones

  subnet_id      = aws_subnet.way_out[each.key].id
  route_table_id = aws_route_table.way_out[each.key].id
}
