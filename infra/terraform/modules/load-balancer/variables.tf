variable "name" {
  description = "The load balancer's name."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{2,25}[a-z0-9]$", var.name))
    error_message = "name must be 4 to 27 lower-case letters, digits and hyphens: target groups add to it, and AWS allows 32."
  }
}

variable "vpc_id" {
  description = "The VPC of the pods."
  type        = string
}

variable "subnet_ids" {
  description = "Public subnets in three zones."
  type        = list(string)

  validation {
    condition     = length(var.subnet_ids) == 3
    error_message = "subnet_ids must name three public subnets, one a zone."
  }
}

variable "security_group_id" {
  description = "The group that the internet is let into."
  type        = string
}

variable "certificate_arn" {
  description = "The certificate of the public name."
  type        = string
}

variable "logs_bucket" {
  description = "The bucket of access and connection logs."
  type        = string
}

variable "tls_policy" {
  description = "Which versions and ciphers of TLS are spoken."
  type        = string
  default     = "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09"

  validation {
    condition = contains([
      "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09",
      "ELBSecurityPolicy-TLS13-1-2-Res-2021-06",
      "ELBSecurityPolicy-TLS13-1-3-2021-06",
      "ELBSecurityPolicy-TLS13-1-3-PQ-2025-09",
    ], var.tls_policy)
    error_message = "tls_policy must speak TLS 1.2 or newer and nothing older: one of the restricted TLS13-1-2 or the TLS13-1-3 policies."
  }
}

variable "pod_port" {
  description = "Where api and auth listen, with TLS (APP_PORT)."
  type        = number
  default     = 8000
}

variable "health_check_seconds" {
  description = "How often each pod is asked how it is."
  type        = number
  default     = 30

  validation {
    condition     = var.health_check_seconds >= 5 && var.health_check_seconds <= 30
    error_message = "health_check_seconds must be 5 to 30: the specification says every 30 seconds."
  }
}

variable "drain_seconds" {
  description = "How long a pod that goes still answers what it has begun."
  type        = number
  default     = 30

  validation {
    condition     = var.drain_seconds >= 20 && var.drain_seconds <= 55
    error_message = "drain_seconds must be 20 to 55: longer than a request, shorter than the 60 seconds that a pod is given to end."
  }
}
