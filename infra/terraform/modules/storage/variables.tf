variable "name" {
  description = "Prefix of every bucket's name."
  type        = string
}

variable "account_id" {
  description = "The account: names of buckets are the world's, so they carry it."
  type        = string

  validation {
    condition     = can(regex("^[0-9]{12}$", var.account_id))
    error_message = "account_id must be the twelve digits of an AWS account."
  }
}

variable "primary" {
  description = "The region of the service and its storage key."
  type        = object({ region = string, key_arn = string })
}

variable "backup" {
  description = "The other region and its storage key."
  type        = object({ region = string, key_arn = string })

  validation {
    condition     = var.backup.region != var.primary.region
    error_message = "backup.region must be another region than primary.region: what survives a region may not lie in it."
  }
}

variable "backup_days" {
  description = "How long backups are promised."
  type        = number
  default     = 30

  validation {
    condition     = var.backup_days >= 30
    error_message = "backup_days must be 30 or more: the specification promises 30 days."
  }
}

variable "evidence_days" {
  description = "How long the evidence of drills cannot be deleted by anybody."
  type        = number
  default     = 400

  validation {
    condition     = var.evidence_days >= 366
    error_message = "evidence_days must be 366 or more: a year of drills is looked back at."
  }
}
