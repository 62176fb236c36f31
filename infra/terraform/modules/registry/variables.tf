variable "name" {
  description = "Prefix of every repository."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{2,40}$", var.name))
    error_message = "name must be lower-case letters, digits and hyphens, and begin with a letter."
  }
}

variable "account_id" {
  description = "The account."
  type        = string
}

variable "images" {
  description = "What has a repository."
  type        = set(string)
  default     = ["app", "app-opsctl"]
}

variable "key_arn" {
  description = "Encrypts images."
  type        = string
}

variable "recovery" {
  description = "The region that every image is copied to, and the key there."
  type        = object({ region = string, key_arn = string })
}

variable "readers" {
  description = "Roles of other accounts that promote images from here."
  type        = set(string)
  default     = []

  validation {
    condition     = alltrue([for it in var.readers : can(regex("^arn:aws:iam::[0-9]{12}:role/[A-Za-z0-9_+=,.@/-]+$", it))])
    error_message = "readers must be ARNs of roles: an account as a whole is too much."
  }
}

variable "staging_builds" {
  description = "How many staging builds are kept; releases are kept for ever."
  type        = number
  default     = 200

  validation {
    condition     = var.staging_builds >= 50
    error_message = "staging_builds must be 50 or more: a rollback needs the image of the release before."
  }
}
