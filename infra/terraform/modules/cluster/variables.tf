variable "name" {
  description = "The cluster's name."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{2,40}[a-z0-9]$", var.name))
    error_message = "name must be lower-case letters, digits and hyphens, and begin with a letter."
  }
}

variable "kubernetes_version" {
  description = "Kubernetes' version; add-ons are pinned for it."
  type        = string
  default     = "1.33"

  validation {
    condition     = contains(["1.33", "1.34"], var.kubernetes_version)
    error_message = "kubernetes_version must be 1.33 or 1.34: the add-ons are pinned for these."
  }
}

variable "subnet_ids" {
  description = "Private subnets in three zones."
  type        = list(string)

  validation {
    condition     = length(var.subnet_ids) == 3
    error_message = "subnet_ids must name three private subnets, one a zone."
  }
}

variable "security_group_id" {
  description = "The group of nodes and pods; the control plane is in it too."
  type        = string
}

variable "key_arn" {
  description = "Encrypts Kubernetes' secrets and the nodes' volumes."
  type        = string
}

variable "logs_key_arn" {
  description = "Encrypts the control plane's logs."
  type        = string
}

variable "instance_types" {
  description = "The nodes' sizes; all of one kind, so that a pod meets the same machine everywhere."
  type        = list(string)
  default     = ["m7i.xlarge"]

  validation {
    condition     = length(var.instance_types) > 0 && alltrue([for it in var.instance_types : can(regex("^[mcr][5-8][ia]?[dn]?\\.[a-z0-9]+$", it)) && !can(regex("^[a-z][0-9]g", it))])
    error_message = "instance_types must be x86-64 types of the m, c or r families, as \"m7i.xlarge\": the images are built for x86-64."
  }
}

variable "nodes" {
  description = "How many nodes: at least one a zone."
  type        = object({ least = number, most = number })
  default     = { least = 3, most = 9 }

  validation {
    condition     = var.nodes.least >= 3 && var.nodes.most >= var.nodes.least + 1
    error_message = "nodes.least must be 3 or more, one a zone, and nodes.most above it: rolling nodes needs room for one."
  }
}

variable "administrators" {
  description = "Roles that may do everything in the cluster: the ones of emergencies and of set-up."
  type        = set(string)
  default     = []
}

variable "deployers" {
  description = "Roles that opsctl deploys by, with the rights of the group platform:deployers: the pipeline's."
  type        = set(string)
  default     = []
}

variable "planners" {
  description = "Roles that opsctl plans by: what deployers may, as a dry run."
  type        = set(string)
  default     = []
}

variable "viewers" {
  description = "Roles that may look, and not at secrets."
  type        = set(string)
  default     = []
}

variable "identity" {
  description = "How pods get their roles: \"irsa\", or \"pod-identity\", which needs an agent on each node."
  type        = string
  default     = "irsa"

  validation {
    condition     = contains(["irsa", "pod-identity"], var.identity)
    error_message = "identity must be \"irsa\" or \"pod-identity\"."
  }
}

variable "volumes_role_arn" {
  description = "The role of the controller that makes volumes (monitoring keeps data on some)."
  type        = string
}
