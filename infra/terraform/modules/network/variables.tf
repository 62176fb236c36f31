variable "name" {
  description = "Prefix of every name, as \"platform-production\"."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{2,28}[a-z0-9]$", var.name))
    error_message = "name must be 4 to 30 lower-case letters, digits and hyphens, and begin with a letter."
  }
}

variable "region" {
  description = "The region that the network lies in; names of service endpoints are made from it."
  type        = string

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.region))
    error_message = "region must be the name of an AWS region, as \"eu-central-1\"."
  }
}

variable "cidr" {
  description = "Address range of the VPC: a /16 of private addresses, another one in every network that is ever peered with it."
  type        = string

  validation {
    condition     = can(cidrhost(var.cidr, 0)) && endswith(var.cidr, "/16") && can(regex("^(10|172\\.(1[6-9]|2[0-9]|3[01])|192\\.168)\\.", var.cidr))
    error_message = "cidr must be a /16 of private addresses, as \"10.20.0.0/16\"."
  }
}

variable "zones" {
  description = "The three availability zones."
  type        = list(string)

  validation {
    condition     = length(var.zones) == 3 && length(distinct(var.zones)) == 3
    error_message = "zones must name three different availability zones."
  }
}

variable "logs_key_arn" {
  description = "The key that encrypts flow logs."
  type        = string
}

variable "flow_log_days" {
  description = "How long flow logs are kept."
  type        = number
  default     = 365

  validation {
    condition     = contains([90, 180, 365, 400, 545, 731], var.flow_log_days)
    error_message = "flow_log_days must be 90, 180, 365, 400, 545 or 731: shorter undercuts an investigation."
  }
}

variable "endpoint_services" {
  description = "AWS services that are called from inside, each through an endpoint of its own. What is missing here cannot be reached."
  type        = set(string)
  default = [
    "autoscaling",
    "ec2",
    "ec2messages",
    "ecr.api",
    "ecr.dkr",
    "eks",
    "elasticache",
    "elasticloadbalancing",
    "email-smtp",
    "kms",
    "logs",
    "monitoring",
    "rds",
    "secretsmanager",
    "ssm",
    "ssmmessages",
    "sts",
    "tagging",
  ]

  validation {
    condition     = length(setsubtract(["ecr.api", "ecr.dkr", "sts", "secretsmanager", "kms", "logs"], var.endpoint_services)) == 0
    error_message = "endpoint_services must hold ecr.api, ecr.dkr, sts, secretsmanager, kms and logs: pods do not start without them."
  }
}
