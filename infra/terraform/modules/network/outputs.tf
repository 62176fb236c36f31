output "vpc_id" {
  description = "The VPC."
  value       = aws_vpc.this.id
}

output "cidr" {
  description = "Its address range."
  value       = var.cidr
}

output "public_subnets" {
  description = "Subnets of the load balancer, by zone."
  value       = { for zone, subnet in aws_subnet.public : zone => { id = subnet.id, cidr = subnet.cidr_block } }
}

output "private_subnets" {
  description = "Subnets of nodes and pods, by zone."
  value       = { for zone, subnet in aws_subnet.private : zone => { id = subnet.id, cidr = subnet.cidr_block } }
}

output "data_subnets" {
  description = "Subnets of databases and caches, by zone."
  value       = { for zone, subnet in aws_subnet.data : zone => { id = subnet.id, cidr = subnet.cidr_block } }
}

output "private_route_tables" {
  description = "Route tables of the private subnets, by zone."
  value       = { for zone, table in aws_route_table.private : zone => table.id }
}

output "internet_gateway_id" {
  description = "The gateway that only public subnets are routed to."
  value       = aws_internet_gateway.this.id
}

output "endpoints_security_group_id" {
  description = "What callers of AWS services are let out to."
  value       = aws_security_group.endpoints.id
}

output "s3_prefix_list_id" {
  description = "The addresses of S3 in this region."
  value       = aws_vpc_endpoint.s3.prefix_list_id
}

output "endpoint_names" {
  description = "By service, the name and zone under which its endpoint is reached from a peered network."
  value = {
    for service, endpoint in aws_vpc_endpoint.service : service => {
      # S3's begins with a star, under which any word answers.
      dns_name = replace(endpoint.dns_entry[0].dns_name, "*.", "bucket.")
      zone_id  = endpoint.dns_entry[0].hosted_zone_id
    }
  }
}

output "outbound_flows" {
  description = "Every way out of the private subnets that this module opens: to what, on which ports, by which route."
  value = merge(
    { for service in var.endpoint_services : service => {
      to    = aws_vpc_endpoint.service[service].service_name
      ports = service == "email-smtp" ? [587] : [443]
      route = "endpoint"
    } },
    { s3 = { to = aws_vpc_endpoint.s3.service_name, ports = [443], route = "gateway endpoint" } },
  )
}
