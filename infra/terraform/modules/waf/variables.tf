variable "name" {
  description = "The access list's name."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{2,40}$", var.name))
    error_message = "name must be lower-case letters, digits and hyphens, and begin with a letter."
  }
}

variable "account_id" {
  description = "The account, whose log it writes."
  type        = string
}

variable "load_balancer_arn" {
  description = "What it stands before."
  type        = string
}

variable "logs_key_arn" {
  description = "Encrypts the log."
  type        = string
}

variable "requests_per_minute_and_address" {
  description = "Past this an address is refused for a while. Above the service's own limit, which answers 429 in its own shape."
  type        = number
  default     = 12000

  validation {
    condition     = var.requests_per_minute_and_address > 10000 && var.requests_per_minute_and_address <= 100000
    error_message = "requests_per_minute_and_address must be 10001 to 100000: the contract allows 10000 a minute from one address."
  }
}
