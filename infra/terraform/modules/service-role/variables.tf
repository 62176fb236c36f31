variable "name" {
  description = "The role's name."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{2,62}$", var.name))
    error_message = "name must be at most 63 lower-case letters, digits and hyphens, and begin with a letter."
  }
}

variable "identity" {
  description = "\"irsa\" or \"pod-identity\", as the cluster says."
  type        = string
  default     = "irsa"

  validation {
    condition     = contains(["irsa", "pod-identity"], var.identity)
    error_message = "identity must be \"irsa\" or \"pod-identity\"."
  }
}

variable "cluster" {
  description = "The cluster's name and who its pods say they are."
  type        = object({ name = string, arn = string, identity_provider = object({ arn = string, issuer = string }) })
}

variable "service_account" {
  description = "The one service account that may take the role."
  type        = object({ namespace = string, name = string })

  validation {
    condition     = alltrue([for it in values(var.service_account) : can(regex("^[a-z0-9]([a-z0-9-]*[a-z0-9])?$", it))])
    error_message = "service_account must name one namespace and one service account; wildcards let every pod in."
  }
}

variable "statements" {
  description = "What the role may do. A statement without a resource of its own, because the call knows none, says so in `unscoped`."
  type = list(object({
    sid       = string
    actions   = list(string)
    resources = list(string)
    unscoped  = optional(bool, false)
    condition = optional(map(map(list(string))), {})
  }))

  validation {
    condition     = alltrue([for it in var.statements : alltrue([for action in it.actions : can(regex("^[a-z0-9-]+:[A-Za-z]+$", action))])])
    error_message = "statements may not use wildcards in actions: each call is named."
  }

  validation {
    condition     = alltrue([for it in var.statements : it.unscoped || !contains(it.resources, "*")])
    error_message = "statements on every resource must say `unscoped = true`, and only where AWS's call knows no resource or a condition narrows it."
  }
}
