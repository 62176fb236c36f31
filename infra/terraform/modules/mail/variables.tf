variable "domain" {
  description = "The domain that mails are sent from."
  type        = string

  validation {
    condition     = can(regex("^([a-z0-9]([a-z0-9-]*[a-z0-9])?\\.)+[a-z]{2,}$", var.domain))
    error_message = "domain must be a name, as \"api.example.com\"."
  }
}

variable "zone_id" {
  description = "The zone that answers for it."
  type        = string
}

variable "reports_to" {
  description = "Where receivers send what they think of our mails."
  type        = string

  validation {
    condition     = can(regex("^[^@ ]+@[^@ ]+\\.[a-z]+$", var.reports_to))
    error_message = "reports_to must be an address."
  }
}
