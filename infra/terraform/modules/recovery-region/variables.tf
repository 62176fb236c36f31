variable "name" {
  description = "Prefix of every name: the environment's, with \"-rec\"."
  type        = string
}

variable "account_id" {
  description = "The account."
  type        = string
}

variable "region" {
  description = "The recovery region; the provider is set to it."
  type        = string
}

variable "primary_region" {
  description = "The region that may be lost."
  type        = string

  validation {
    condition     = var.primary_region != var.region
    error_message = "primary_region must be another region than region: a region does not outlive itself."
  }
}

variable "cidr" {
  description = "Address range of the network here."
  type        = string
}

variable "zones" {
  description = "Three availability zones here."
  type        = list(string)
}

variable "standby" {
  description = "What stands ready to serve; null where only backups are kept here and a failover begins with an apply."
  type = object({
    certificate_arn    = string
    logs_bucket        = string
    instance_types     = list(string)
    cache_node_type    = string
    cache_shards       = number
    access_image_id    = string
    kubernetes_version = string
    shield             = bool
    administrators     = set(string)
    deployers          = set(string)
    planners           = set(string)
    volumes_role_arn   = string
    slow_query_millis  = number
  })
  default = null
}
