variable "name" {
  description = "Prefix of every secret's name."
  type        = string
}

variable "key_arn" {
  description = "Encrypts secrets."
  type        = string
}

variable "recovery" {
  description = "The region that every secret is copied to, and the key there."
  type        = object({ region = string, key_arn = string })
}

variable "secrets" {
  description = "Each secret: what it is, after how many days it must be another, and who may read it (ARNs of roles)."
  type        = map(object({ description = string, rotation_days = number, readers = list(string) }))

  validation {
    condition     = alltrue([for name, it in var.secrets : it.rotation_days >= 1 && it.rotation_days <= (startswith(name, "api-key") ? 30 : 90)])
    error_message = "rotation_days must be 1 to 90, and 1 to 30 for API keys: so says the specification."
  }

  validation {
    condition     = alltrue(flatten([for it in var.secrets : [for role in it.readers : can(regex("^arn:aws:iam::[0-9]{12}:role/[^*]+$", role))]]))
    error_message = "readers must be ARNs of roles, one by one."
  }
}

variable "administrators" {
  description = "Roles that may read and write every secret: opsctl, and the one of emergencies."
  type        = list(string)

  validation {
    condition     = length(var.administrators) > 0
    error_message = "administrators must name the role of opsctl at least: nobody could rotate."
  }
}

variable "master" {
  description = "Which secret holds the database's master password, and the version of it that Terraform sets."
  type        = object({ secret = string, version = number })
}

variable "master_password" {
  description = "The database's master password, kept in no state."
  type        = string
  ephemeral   = true
  sensitive   = true
}
