output "outbound_flows" {
  description = "Every way out that this module opens: to what, on which ports, by which route."
  value = {
    for service in keys(var.services) : "${var.there.region}/${service}" => {
      to    = "${service}.${var.there.region}.amazonaws.com"
      ports = [443]
      route = "peering"
    }
  }
}
