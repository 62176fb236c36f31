variable "name" {
  description = "The connection's name."
  type        = string
}

variable "here" {
  description = "The network that calls."
  type        = object({ vpc_id = string, cidr = string, route_table_ids = map(string) })
}

variable "there" {
  description = "The network of the backup region, whose endpoints are called."
  type        = object({ vpc_id = string, cidr = string, route_table_ids = map(string), region = string, endpoints_security_group_id = string })

  validation {
    condition     = var.there.cidr != var.here.cidr
    error_message = "there.cidr must be another range than here.cidr: peered networks may not share addresses."
  }
}

variable "services" {
  description = "Services of the backup region, each with the name and zone of its endpoint there."
  type        = map(object({ dns_name = string, zone_id = string }))
}
