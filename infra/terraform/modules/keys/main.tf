# A key a purpose, so that a role is let near one kind of data and not near all.

locals {
  # Services that use a key by themselves, beside the account's own roles.
  purposes = {
    database = { description = "Database storage, snapshots and Performance Insights", services = [] }
    cache    = { description = "Cache storage and snapshots", services = [] }
    cluster  = { description = "Kubernetes secrets and node volumes", services = ["autoscaling.amazonaws.com"] }
    logs     = { description = "Log groups", services = ["logs.${var.region}.amazonaws.com"] }
    registry = { description = "Images", services = [] }
    secrets  = { description = "Secrets Manager", services = [] }
    storage  = { description = "Buckets", services = [] }
  }

  own_account = {
    Sid       = "TheAccountDecides"
    Effect    = "Allow"
    Principal = { AWS = "arn:aws:iam::${var.account_id}:root" }
    Action    = "kms:*"
    Resource  = "*"
  }
}

resource "aws_kms_key" "purpose" {
  for_each = local.purposes

  description             = each.value.description
  enable_key_rotation     = true
  rotation_period_in_days = 365
  deletion_window_in_days = var.deletion_window_days

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat([local.own_account], [
      for service in each.value.services : {
        Sid       = "Service"
        Effect    = "Allow"
        Principal = { Service = service }
        Action    = ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey", "kms:CreateGrant"]
        Resource  = "*"
        Condition = service == "logs.${var.region}.amazonaws.com" ? {
          ArnLike = { "kms:EncryptionContext:aws:logs:arn" = "arn:aws:logs:${var.region}:${var.account_id}:*" }
          } : {
          StringEquals = { "aws:SourceAccount" = var.account_id }
        }
      }
    ])
  })

  tags = { Name = "${var.name}-${each.key}" }
}

resource "aws_kms_alias" "purpose" {
  for_each = local.purposes

  name          = "alias/${var.name}/${each.key}"
  target_key_id = aws_kms_key.purpose[each.key].key_id
}

# Signs evidence. Asymmetric keys don't rotate by themselves: `opsctl secrets rotate signing` makes a successor.
resource "aws_kms_key" "signing" {
  description              = "Signs the evidence of drills"
  key_usage                = "SIGN_VERIFY"
  customer_master_key_spec = "ECC_NIST_P256"
  deletion_window_in_days  = var.deletion_window_days

  policy = jsonencode({ Version = "2012-10-17", Statement = [local.own_account] })

  tags = { Name = "${var.name}-signing" }
}

resource "aws_kms_alias" "signing" {
  name          = "alias/${var.name}/signing"
  target_key_id = aws_kms_key.signing.key_id
}
