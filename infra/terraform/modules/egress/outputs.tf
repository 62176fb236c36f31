output "outbound_flows" {
  description = "Every way out that this module opens: to what, on which ports, by which route."
  value       = { for domain in var.domains : domain => { to = domain, ports = [443], route = "allow-listed egress" } }
}

output "addresses" {
  description = "The addresses that calls come from, for the other side's allow lists."
  value       = [for it in aws_eip.this : it.public_ip]
}
