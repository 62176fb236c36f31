variable "name" {
  description = "Prefix of every name."
  type        = string
}

variable "vpc_id" {
  description = "The VPC."
  type        = string
}

variable "cidr" {
  description = "Its address range."
  type        = string
}

variable "zones" {
  description = "The three availability zones, in the network's order."
  type        = list(string)
}

variable "internet_gateway_id" {
  description = "The network's gateway."
  type        = string
}

variable "private_subnets" {
  description = "Subnets of nodes and pods, by zone."
  type        = map(object({ id = string, cidr = string }))
}

variable "private_route_tables" {
  description = "Their route tables, by zone."
  type        = map(string)
}

variable "logs_key_arn" {
  description = "Encrypts the log."
  type        = string
}

variable "domains" {
  description = "What may be called, by HTTPS: exact names, or a dot and a name for everything below it."
  type        = set(string)

  validation {
    condition     = length(var.domains) > 0
    error_message = "domains must name what may be called; without one, leave this module out and there is no way out at all."
  }

  validation {
    condition     = alltrue([for it in var.domains : can(regex("^\\.?([a-z0-9]([a-z0-9-]*[a-z0-9])?\\.)+[a-z]{2,}$", it)) && length(split(".", trimprefix(it, "."))) >= 2])
    error_message = "domains must be names, as \"api.stripe.com\", or a dot and a name, as \".example.com\": a whole top-level domain, an address or a wildcard opens the internet."
  }
}
