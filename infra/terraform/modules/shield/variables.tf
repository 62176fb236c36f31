variable "name" {
  description = "Prefix of every name."
  type        = string
}

variable "resources" {
  description = "What is protected, by a name of its own: load balancers and hosted zones."
  type        = map(string)

  validation {
    condition     = length(var.resources) > 0
    error_message = "resources must name what is to be protected."
  }
}

variable "subscribe" {
  description = "Whether this account takes the subscription: a commitment of a year, paid by the month. False where the organisation has it already."
  type        = bool
  default     = false
}
