variable "name" {
  description = "The instance's identifier; its replicas are numbered after it."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{2,40}[a-z0-9]$", var.name))
    error_message = "name must be 4 to 42 lower-case letters, digits and hyphens, and begin with a letter."
  }
}

variable "serving" {
  description = "The instance that serves after a cut-over by opsctl, which has a name of its own; none: the one that is called as this module calls it."
  type        = string
  default     = null

  validation {
    condition     = var.serving == null || can(regex("^(drill-failover|restore)-[a-z0-9-]+$", var.serving))
    error_message = "serving must be the name of an instance that opsctl restored or promoted, as \"restore-20261128t024300z-0a1b2c3d\"."
  }
}

variable "engine_version" {
  description = "PostgreSQL's version. Minor versions come by themselves in the maintenance window."
  type        = string
  default     = "15"

  validation {
    condition     = can(regex("^15(\\.[0-9]+)?$", var.engine_version))
    error_message = "engine_version must be 15 or one of its minor versions: the specification says PostgreSQL 15."
  }
}

variable "instance_class" {
  description = "The size of the primary and its replicas: Graviton, with Performance Insights."
  type        = string

  validation {
    condition     = can(regex("^db\\.(t4g|m[67]g|r[67]g)d?\\.[a-z0-9]+$", var.instance_class))
    error_message = "instance_class must be a Graviton class, as \"db.m7g.large\"."
  }
}

variable "storage_gib" {
  description = "Storage at the start, and what it may grow to by itself."
  type        = object({ initial = number, most = number })

  validation {
    condition     = var.storage_gib.initial >= 20 && var.storage_gib.most >= ceil(var.storage_gib.initial * 1.26)
    error_message = "storage_gib.initial must be 20 or more, and storage_gib.most at least 26 % above it: RDS refuses to autoscale otherwise."
  }
}

variable "multi_az" {
  description = "Whether a standby in another zone takes over by itself."
  type        = bool
  default     = true
}

variable "replicas" {
  description = "Read replicas: reports and exports read from the first."
  type        = number
  default     = 1

  validation {
    condition     = var.replicas >= 0 && var.replicas <= 5 && floor(var.replicas) == var.replicas
    error_message = "replicas must be a whole number from 0 to 5."
  }
}

variable "backup_retention_days" {
  description = "How long automated backups are kept, in both regions."
  type        = number
  default     = 30

  validation {
    condition     = var.backup_retention_days >= 30 && var.backup_retention_days <= 35
    error_message = "backup_retention_days must be 30 to 35: the specification promises 30 days, and RDS keeps no more than 35."
  }
}

variable "slow_query_milliseconds" {
  description = "Statements that take longer are written to the log."
  type        = number
  default     = 500

  validation {
    condition     = var.slow_query_milliseconds >= 1 && var.slow_query_milliseconds <= 5000
    error_message = "slow_query_milliseconds must be 1 to 5000: a slow-query log that shows nothing is none."
  }
}

variable "log_retention_days" {
  description = "How long the database's logs are kept."
  type        = number
  default     = 120

  validation {
    condition     = contains([120, 150, 180, 365], var.log_retention_days)
    error_message = "log_retention_days must be 120, 150, 180 or 365: the specification keeps logs for 30 days and 90 more."
  }
}

variable "subnet_ids" {
  description = "Subnets without a route to the internet, in three zones."
  type        = list(string)

  validation {
    condition     = length(var.subnet_ids) == 3
    error_message = "subnet_ids must name three subnets, one a zone."
  }
}

variable "security_group_ids" {
  description = "Who is let in."
  type        = list(string)
}

variable "key_arn" {
  description = "Encrypts storage, snapshots and Performance Insights."
  type        = string
}

variable "logs_key_arn" {
  description = "Encrypts the database's logs."
  type        = string
}

variable "backup_region" {
  description = "The other region that backups are copied to, and the key that encrypts them there."
  type        = object({ name = string, key_arn = string })
}

variable "master_password" {
  description = "The master user's password: known while a plan is applied, and kept in no state and no plan."
  type        = string
  ephemeral   = true
  sensitive   = true

  validation {
    condition     = length(var.master_password) >= 32 && !can(regex("[/@\" ]", var.master_password))
    error_message = "master_password must have 32 characters or more, and none of / @ \" and space, which RDS refuses."
  }
}

variable "master_password_version" {
  description = "Raised when the master password changes: Terraform does not keep the password, so it cannot tell by itself."
  type        = number
  default     = 1
}
