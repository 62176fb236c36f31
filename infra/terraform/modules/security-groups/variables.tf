variable "name" {
  description = "Prefix of every name."
  type        = string
}

variable "vpc_id" {
  description = "The VPC that the groups belong to."
  type        = string
}

variable "endpoints_security_group_id" {
  description = "The group of the endpoints of AWS services."
  type        = string
}

variable "s3_prefix_list_id" {
  description = "The addresses of S3 in this region."
  type        = string
}

variable "peer_cidr" {
  description = "Where the endpoints of the backup region are reached by peering; null without a peering."
  type        = string
  default     = null

  validation {
    condition     = var.peer_cidr == null || can(cidrhost(var.peer_cidr, 0))
    error_message = "peer_cidr must be an address range, as \"10.21.0.0/16\", or null."
  }
}

variable "internet_egress" {
  description = "Whether pods may open HTTPS to the internet: true only where a firewall with named domains stands in the way."
  type        = bool
  default     = false
}

variable "pod_port" {
  description = "Where api and auth listen, with TLS (APP_PORT)."
  type        = number
  default     = 8000

  validation {
    condition     = var.pod_port >= 1024 && var.pod_port <= 65535
    error_message = "pod_port must be 1024 to 65535: pods run without the right to lower ports."
  }
}
