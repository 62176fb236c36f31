variable "name" {
  description = "Prefix of every role's name."
  type        = string
}

variable "environment" {
  description = "As opsctl.yaml calls it: what opsctl makes carries it as a tag."
  type        = string
}

variable "account_id" {
  description = "The account."
  type        = string
}

variable "regions" {
  description = "The region of the service and the backup region."
  type        = object({ primary = string, backup = string })
}

variable "identity" {
  description = "\"irsa\" or \"pod-identity\", as the cluster says."
  type        = string
  default     = "irsa"
}

variable "cluster" {
  description = "The cluster's name and who its pods say they are."
  type        = object({ name = string, arn = string, identity_provider = object({ arn = string, issuer = string }) })
}

variable "namespace" {
  description = "Where the platform's pods live."
  type        = string
  default     = "platform"
}

variable "buckets" {
  description = "Each bucket and its copy."
  type        = map(object({ name = string, arn = string, replica = object({ name = string, arn = string, region = string }) }))
}

variable "keys" {
  description = "Keys of both regions by purpose, and the one that signs."
  type        = object({ primary = map(string), backup = map(string), signing = string })
}

variable "secrets" {
  description = "ARNs of secrets by name."
  type        = map(string)
}

variable "repositories" {
  description = "ARNs of the images' repositories."
  type        = list(string)
}

variable "database" {
  description = "The database's name, and what a restored copy is given."
  type        = object({ identifier = string, parameter_group = string, subnet_group = string, monitoring_role_arn = string })
}

variable "cache" {
  description = "The cache's ARN and its user's."
  type        = object({ arn = string, user_arn = string })
}

variable "zone_arn" {
  description = "The public zone, whose record opsctl switches at a failover."
  type        = string
}
