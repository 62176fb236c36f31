variable "environment" {
  description = "Which environment this is. Production may not be weakened: what the specification asks of it is refused to be otherwise."
  type        = string

  validation {
    condition     = contains(["development", "staging", "production"], var.environment)
    error_message = "environment must be development, staging or production."
  }
}

variable "account_id" {
  description = "The environment's own account; `opsctl.yaml` pins the same."
  type        = string

  validation {
    condition     = can(regex("^[0-9]{12}$", var.account_id))
    error_message = "account_id must be the twelve digits of an AWS account."
  }
}

variable "domain" {
  description = "The public name of the service."
  type        = string
}

variable "primary" {
  description = "Where the service runs."
  type        = object({ region = string, zones = list(string), cidr = string, access_image_id = string })
}

variable "recovery" {
  description = "Where backups go, and where the service runs when the first region is lost; `standby` says whether anything stands ready to, `database_hosts` names the databases there after a failover."
  type = object({
    region          = string
    zones           = list(string)
    cidr            = string
    access_image_id = string
    standby         = bool
    database_hosts  = optional(list(string), [])
  })

  validation {
    condition     = var.recovery.region != var.primary.region && var.recovery.cidr != var.primary.cidr
    error_message = "recovery must be another region with another address range than primary."
  }

  validation {
    condition     = var.environment != "production" || var.recovery.standby
    error_message = "recovery.standby must be true in production: its failover is drilled every quarter."
  }
}

variable "serving_from" {
  description = "\"primary\", or \"recovery\" after a failover."
  type        = string
  default     = "primary"
}

variable "database" {
  description = "The database's size and standing; `serving` names the instance that opsctl made take over, after a cut-over."
  type = object({
    instance_class = string
    storage_gib    = object({ initial = number, most = number })
    multi_az       = bool
    replicas       = number
    serving        = optional(string)
  })

  validation {
    condition     = var.environment == "development" || (var.database.multi_az && var.database.replicas >= 1)
    error_message = "database must have multi_az and a replica outside development: the specification says Multi-AZ, and primary with read replica."
  }
}

variable "master_password" {
  description = "The database's master password; from the environment of whoever applies, kept nowhere."
  type        = string
  ephemeral   = true
  sensitive   = true
}

variable "master_password_version" {
  description = "Raised when the master password changes."
  type        = number
  default     = 1
}

variable "cache" {
  description = "The cache's size; `shards` above 0 is cluster mode."
  type        = object({ node_type = string, shards = number, replicas = number })

  validation {
    condition     = var.environment != "production" || var.cache.shards >= 2
    error_message = "cache.shards must be 2 or more in production: the specification says Redis cluster."
  }
}

variable "cluster" {
  description = "The cluster's version and nodes."
  type = object({
    kubernetes_version = string
    instance_types     = list(string)
    nodes              = object({ least = number, most = number })
    identity           = optional(string, "irsa")
  })
}

variable "shield" {
  description = "Shield Advanced: whether what faces the internet is protected, and whether this account takes the subscription, a commitment of a year."
  type        = object({ protect = bool, subscribe = bool })

  validation {
    condition     = var.environment != "production" || var.shield.protect
    error_message = "shield.protect must be true in production: the specification says Shield Advanced."
  }

  validation {
    condition     = !var.shield.subscribe || var.shield.protect
    error_message = "shield.subscribe pays for what shield.protect does not use."
  }
}

variable "egress_domains" {
  description = "What pods may call outside AWS, by HTTPS. Empty: there is no way out at all."
  type        = set(string)
  default     = []
}

variable "budget" {
  description = "What a month may cost, and who is told."
  type        = object({ monthly_dollars = number, mail = list(string) })
}

variable "repository" {
  description = "The repository whose workflows deploy, as \"owner/name\"."
  type        = string
}

variable "emergency_role" {
  description = "The role of emergencies, made outside Terraform so that it outlives it; may do everything in the cluster and read every secret."
  type        = string

  validation {
    condition     = can(regex("^arn:aws:iam::[0-9]{12}:role/[^*]+$", var.emergency_role))
    error_message = "emergency_role must be the ARN of a role."
  }
}

variable "viewers" {
  description = "Roles that may look at the cluster, and not at secrets."
  type        = set(string)
  default     = []
}

variable "image_readers" {
  description = "Roles of other accounts that promote images from here."
  type        = set(string)
  default     = []
}

variable "database_authority" {
  description = "Certificates of the authorities of RDS (PEM), as AWS publishes them: what clients verify the database by."
  type        = string

  validation {
    condition     = strcontains(var.database_authority, "-----BEGIN CERTIFICATE-----") && endswith(trimspace(var.database_authority), "-----END CERTIFICATE-----")
    error_message = "database_authority must be certificates in PEM."
  }
}

variable "mail" {
  description = "Who mails are from, where receivers report to, and, in staging, the one address that all mails go to instead."
  type        = object({ from = string, reports_to = string, staging_to = optional(string) })

  validation {
    condition     = (var.environment == "staging") == (var.mail.staging_to != null)
    error_message = "mail.staging_to must be there in staging, so that no mail reaches a user, and nowhere else."
  }
}
