variable "name" {
  description = "The bucket's name; its replica adds \"-replica\"."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9-]{2,53}[a-z0-9]$", var.name))
    error_message = "name must be 4 to 55 lower-case letters, digits and hyphens: the replica's name adds to it, and S3 allows 63."
  }
}

variable "region" {
  description = "Where the bucket lies."
  type        = string
}

variable "key_arn" {
  description = "Encrypts objects; null where AWS's own key does."
  type        = string
  default     = null
}

variable "key_of_aws" {
  description = "Whether AWS's own key encrypts: it is all that load balancers can write with."
  type        = bool
  default     = false

  validation {
    condition     = var.key_of_aws == (var.key_arn == null)
    error_message = "key_of_aws and key_arn exclude each other, and one of them must be: nothing lies unencrypted."
  }
}

variable "replica" {
  description = "The other region that every object is copied to, and the key there; null for none."
  type        = object({ region = string, key_arn = string })
  default     = null

  validation {
    condition     = var.replica == null || try(var.replica.region, "") != var.region
    error_message = "replica.region must be another region: a copy beside the original does not outlive it."
  }

  validation {
    condition     = var.replica == null || !var.key_of_aws
    error_message = "replica needs key_arn: copies are encrypted from one key to the other."
  }
}

variable "promise_days" {
  description = "How long the platform promises to keep what lies here. Nothing may be deleted by a clock before."
  type        = number

  validation {
    condition     = var.promise_days >= 1
    error_message = "promise_days must be 1 or more."
  }
}

variable "expire_days" {
  description = "When objects are deleted by a clock; null for never."
  type        = number
  default     = null

  validation {
    condition     = var.expire_days == null ? true : var.expire_days > var.promise_days
    error_message = "expire_days must be more than promise_days: a lifecycle may not undercut a promise."
  }
}

variable "cold_days" {
  description = "When objects move to cheaper storage that answers at once; null for never."
  type        = number
  default     = null

  validation {
    condition     = var.cold_days == null ? true : var.cold_days >= 30
    error_message = "cold_days must be 30 or more: S3 refuses less."
  }
}

variable "lock_days" {
  description = "For how long nobody, not even the account's owner, can delete or overwrite an object; null for no lock."
  type        = number
  default     = null

  validation {
    condition     = var.lock_days == null ? true : var.lock_days >= var.promise_days
    error_message = "lock_days must be promise_days or more: a lock that opens before is no promise."
  }
}

variable "policy_statements" {
  description = "What is allowed beside the account's own roles, as statements of a bucket policy; a statement's Resource is added."
  type = list(object({
    Sid       = string
    Effect    = string
    Principal = map(string)
    Action    = string
  }))
  default = []
}

variable "access_log_bucket" {
  description = "Where accesses are logged; null for none."
  type        = string
  default     = null
}
