# The way to AWS in the backup region: opsctl copies snapshots there, and keeps its locks and journals there. Names of that region's
# services lead to the endpoints in the peered network, never to the internet.

resource "aws_vpc_peering_connection" "this" {
  vpc_id      = var.here.vpc_id
  peer_vpc_id = var.there.vpc_id
  peer_region = var.there.region
  auto_accept = false

  tags = { Name = var.name }
}

resource "aws_vpc_peering_connection_accepter" "this" {
  region = var.there.region

  vpc_peering_connection_id = aws_vpc_peering_connection.this.id
  auto_accept               = true

  tags = { Name = var.name }
}

resource "aws_route" "there" {
  for_each = var.here.route_table_ids

  route_table_id            = each.value
  destination_cidr_block    = var.there.cidr
  vpc_peering_connection_id = aws_vpc_peering_connection_accepter.this.vpc_peering_connection_id
}

resource "aws_route" "back" {
  for_each = var.there.route_table_ids

  region = var.there.region

  route_table_id            = each.value
  destination_cidr_block    = var.here.cidr
  vpc_peering_connection_id = aws_vpc_peering_connection_accepter.this.vpc_peering_connection_id
}

resource "aws_vpc_security_group_ingress_rule" "endpoints" {
  region = var.there.region

  security_group_id = var.there.endpoints_security_group_id
  description       = "HTTPS from the peered network"
  cidr_ipv4         = var.here.cidr
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
}

# A zone a service: the whole region's zone would hide names that have no endpoint.
resource "aws_route53_zone" "service" {
  for_each = var.services

  name    = "${each.key}.${var.there.region}.amazonaws.com"
  comment = "Endpoint in the backup region"

  vpc {
    vpc_id = var.here.vpc_id
  }
}

resource "aws_route53_record" "service" {
  # Buckets and registries have names of their own below the service's.
  for_each = merge(
    { for service in keys(var.services) : service => { service = service, name = "" } },
    { for service in keys(var.services) : "*.${service}" => { service = service, name = "*." } },
  )

  zone_id = aws_route53_zone.service[each.value.service].zone_id
  name    = "${each.value.name}${each.value.service}.${var.there.region}.amazonaws.com"
  type    = "A"

  alias {
    name                   = var.services[each.value.service].dns_name
    zone_id                = var.services[each.value.service].zone_id
    evaluate_target_health = false
  }
}
