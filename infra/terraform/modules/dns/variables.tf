variable "domain" {
  description = "The public name of the service, which a hosted zone of its own answers for."
  type        = string

  validation {
    condition     = can(regex("^([a-z0-9]([a-z0-9-]*[a-z0-9])?\\.)+[a-z]{2,}$", var.domain))
    error_message = "domain must be a name, as \"api.example.com\"."
  }
}

variable "recovery_region" {
  description = "Where a certificate for the same name stands ready."
  type        = string
}

variable "load_balancer" {
  description = "What the name points at."
  type        = object({ dns_name = string, zone_id = string })
}

variable "recovery_load_balancer" {
  description = "What the name points at after a failover; null where there is no recovery region."
  type        = object({ dns_name = string, zone_id = string })
  default     = null
}

variable "serving_from" {
  description = "Which region answers: \"primary\" or \"recovery\". `opsctl drill failover --kind region` sets the record itself; this is how Terraform is told of it."
  type        = string
  default     = "primary"

  validation {
    condition     = contains(["primary", "recovery"], var.serving_from)
    error_message = "serving_from must be \"primary\" or \"recovery\"."
  }

  validation {
    condition     = var.serving_from == "primary" || var.recovery_load_balancer != null
    error_message = "serving_from cannot be \"recovery\": this environment has no recovery_load_balancer."
  }
}
