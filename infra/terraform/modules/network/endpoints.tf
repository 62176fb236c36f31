# How what runs inside reaches AWS: endpoints in the VPC, never the internet.

resource "aws_security_group" "endpoints" {
  name        = "${var.name}-endpoints"
  description = "Endpoints of AWS services: HTTPS and mail from the private subnets"
  vpc_id      = aws_vpc.this.id

  tags = { Name = "${var.name}-endpoints" }
}

locals {
  # 587: SMTP with STARTTLS, for the mail service alone.
  endpoint_ports = contains(var.endpoint_services, "email-smtp") ? [443, 587] : [443]
  endpoint_doors = {
    for pair in setproduct(var.zones, local.endpoint_ports) : "${pair[0]}-${pair[1]}" => { zone = pair[0], port = pair[1] }
  }
}

resource "aws_vpc_security_group_ingress_rule" "endpoints" {
  for_each = local.endpoint_doors

  security_group_id = aws_security_group.endpoints.id
  description       = "Port ${each.value.port} from nodes and pods in ${each.value.zone}"
  cidr_ipv4         = aws_subnet.private[each.value.zone].cidr_block
  ip_protocol       = "tcp"
  from_port         = each.value.port
  to_port           = each.value.port
}

resource "aws_vpc_endpoint" "service" {
  for_each = var.endpoint_services

  vpc_id            = aws_vpc.this.id
  service_name      = "com.amazonaws.${var.region}.${each.key}"
  vpc_endpoint_type = "Interface"
  # S3 keeps its name for the gateway; its interface is for callers of a peered network.
  private_dns_enabled = each.key != "s3"
  subnet_ids          = [for subnet in aws_subnet.private : subnet.id]
  security_group_ids  = [aws_security_group.endpoints.id]

  tags = { Name = "${var.name}-${each.key}" }
}

resource "aws_vpc_endpoint" "s3" {
  vpc_id            = aws_vpc.this.id
  service_name      = "com.amazonaws.${var.region}.s3"
  vpc_endpoint_type = "Gateway"
  route_table_ids   = [for table in aws_route_table.private : table.id]

  tags = { Name = "${var.name}-s3" }
}
