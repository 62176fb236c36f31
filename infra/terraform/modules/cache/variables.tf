variable "name" {
  description = "The replication group's name."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{2,38}[a-z0-9]$", var.name)) && !strcontains(var.name, "--")
    error_message = "name must be 4 to 40 lower-case letters, digits and single hyphens, and begin with a letter."
  }
}

variable "engine_version" {
  description = "Redis's version."
  type        = string
  default     = "7.1"

  validation {
    condition     = can(regex("^7\\.[0-9]+$", var.engine_version))
    error_message = "engine_version must be 7.x: users with rights of their own need Redis 6 or newer, and the parameter group is Redis 7's."
  }
}

variable "node_type" {
  description = "The size of each node."
  type        = string

  validation {
    condition     = can(regex("^cache\\.(t4g|m[67]g|r[67]g)\\.[a-z0-9]+$", var.node_type))
    error_message = "node_type must be a Graviton type, as \"cache.m7g.large\"."
  }
}

variable "shards" {
  description = "0 for a primary with replicas; 1 or more for cluster mode, with replicas for each shard."
  type        = number
  default     = 0

  validation {
    condition     = var.shards >= 0 && var.shards <= 20 && floor(var.shards) == var.shards
    error_message = "shards must be a whole number from 0 to 20."
  }
}

variable "replicas" {
  description = "Replicas of the primary, or of each shard."
  type        = number
  default     = 1

  validation {
    condition     = var.replicas >= 1 && var.replicas <= 5
    error_message = "replicas must be 1 to 5: without one there is nothing to fail over to."
  }
}

variable "snapshot_days" {
  description = "How long daily snapshots are kept."
  type        = number
  default     = 7

  validation {
    condition     = var.snapshot_days >= 1 && var.snapshot_days <= 35
    error_message = "snapshot_days must be 1 to 35."
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
  description = "Encrypts data and snapshots."
  type        = string
}

variable "logs_key_arn" {
  description = "Encrypts the slow log."
  type        = string
}
