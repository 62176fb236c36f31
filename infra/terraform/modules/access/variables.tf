variable "name" {
  description = "Prefix of every name."
  type        = string
}

variable "account_id" {
  description = "The account."
  type        = string
}

variable "region" {
  description = "The region."
  type        = string
}

variable "subnet_ids" {
  description = "Private subnets: a new host comes up in another zone when one is lost."
  type        = list(string)
}

variable "security_group_id" {
  description = "A group that lets nobody in."
  type        = string
}

variable "key_arn" {
  description = "Encrypts the volume."
  type        = string
}

variable "logs_key_arn" {
  description = "Encrypts what sessions said."
  type        = string
}

variable "image_id" {
  description = "An Amazon Linux 2023 image for arm64, pinned: `aws ssm get-parameter --name /aws/service/ami-amazon-linux-latest/al2023-ami-minimal-kernel-default-arm64` names the newest."
  type        = string

  validation {
    condition     = can(regex("^ami-[0-9a-f]{8,17}$", var.image_id))
    error_message = "image_id must be the id of an image, as \"ami-0123456789abcdef0\"."
  }
}
