variable "name" {
  description = "Prefix of every role's name."
  type        = string
}

variable "environment" {
  description = "The environment, as GitHub knows it: its approvals stand before the roles."
  type        = string

  validation {
    condition     = contains(["development", "staging", "production"], var.environment)
    error_message = "environment must be development, staging or production."
  }
}

variable "account_id" {
  description = "The account."
  type        = string
}

variable "repository" {
  description = "The one repository whose workflows may take the roles, as \"owner/name\"."
  type        = string

  validation {
    condition     = can(regex("^[A-Za-z0-9-]+/[A-Za-z0-9._-]+$", var.repository))
    error_message = "repository must be one repository, as \"owner/name\": a wildcard lets strangers in."
  }
}

variable "regions" {
  description = "The only regions that the roles work in."
  type        = set(string)
}

variable "cluster_arn" {
  description = "The cluster that is deployed to."
  type        = string
}

variable "repositories" {
  description = "ARNs of the images' repositories."
  type        = list(string)
}

variable "state_bucket_arn" {
  description = "Where opsctl's locks, journals and releases are."
  type        = string
}

variable "state_key_arn" {
  description = "The key of that bucket."
  type        = string
}

variable "zone_arn" {
  description = "The public zone, whose record is switched at a failover: from outside, because the first region is away."
  type        = string
}

variable "access_policy_arn" {
  description = "Lets its holder open a session to the cluster's API."
  type        = string
}
