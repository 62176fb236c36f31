variable "name" {
  description = "The budget's name."
  type        = string
}

variable "monthly_dollars" {
  description = "What a month may cost."
  type        = number

  validation {
    condition     = var.monthly_dollars >= 100
    error_message = "monthly_dollars must be 100 or more."
  }
}

variable "mail" {
  description = "Who is told."
  type        = list(string)

  validation {
    condition     = length(var.mail) > 0 && alltrue([for it in var.mail : can(regex("^[^@ ]+@[^@ ]+\\.[a-z]+$", it))])
    error_message = "mail must hold one address or more: a budget that tells nobody is none."
  }
}
