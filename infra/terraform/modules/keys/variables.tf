variable "name" {
  description = "Prefix of every alias, as \"platform-production\"."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{2,28}[a-z0-9]$", var.name))
    error_message = "name must be 4 to 30 lower-case letters, digits and hyphens, and begin with a letter."
  }
}

variable "account_id" {
  description = "The account, whose IAM policies decide who uses the keys."
  type        = string

  validation {
    condition     = can(regex("^[0-9]{12}$", var.account_id))
    error_message = "account_id must be the twelve digits of an AWS account."
  }
}

variable "region" {
  description = "The region of the keys."
  type        = string
}

variable "deletion_window_days" {
  description = "How long a deleted key can be had back."
  type        = number
  default     = 30

  validation {
    condition     = var.deletion_window_days >= 14 && var.deletion_window_days <= 30
    error_message = "deletion_window_days must be 14 to 30: what a deleted key encrypted is lost for ever."
  }
}
