# A key a purpose, so that a role is let near one kind of data and not near all.

locals {
  purposes = {
    database = "Database storage, snapshots and Performance Insights"
    cache    = "Cache storage and snapshots"
    cluster  = "Kubernetes secrets and node volumes"
    logs     = "Log groups"
    registry = "Images"
    secrets  = "Secrets Manager"
    storage  = "Buckets"
  }

  own_account = {
    Sid       = "TheAccountDecides"
    Effect    = "Allow"
    Principal = { AWS = "arn:aws:iam::${var.account_id}:root" }
    Action    = "kms:*"
    Resource  = "*"
  }

  # What uses a key by itself, beside the account's roles that are allowed to by their own policies.
  services = {
    # Starts nodes, whose volumes are encrypted.
    cluster = {
      Sid       = "AutoScaling"
      Effect    = "Allow"
      Principal = { AWS = "*" }
      Action    = ["kms:CreateGrant", "kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKeyWithoutPlaintext", "kms:ReEncryptFrom", "kms:ReEncryptTo"]
      Resource  = "*"
      # By condition: AWS makes that role with the first group of machines, and refuses a principal that is not there yet.
      Condition = {
        StringEquals = { "kms:CallerAccount" = var.account_id }
        ArnEquals    = { "aws:PrincipalArn" = "arn:aws:iam::${var.account_id}:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling" }
      }
    }
    logs = {
      Sid       = "Logs"
      Effect    = "Allow"
      Principal = { Service = "logs.${var.region}.amazonaws.com" }
      Action    = ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey", "kms:ReEncryptFrom", "kms:ReEncryptTo"]
      Resource  = "*"
      Condition = { ArnLike = { "kms:EncryptionContext:aws:logs:arn" = "arn:aws:logs:${var.region}:${var.account_id}:*" } }
    }
  }
}

resource "aws_kms_key" "purpose" {
  for_each = local.purposes

  description             = each.value
  enable_key_rotation     = true
  rotation_period_in_days = 365
  deletion_window_in_days = var.deletion_window_days

  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [for it in [local.own_account, try(local.services[each.key], null)] : it if it != null]
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
