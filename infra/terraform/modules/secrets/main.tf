# Where secrets lie, and who may read each. Values are set and rotated by `opsctl secrets` and by nobody else: Secrets Manager's
# own rotation stays off, so that rotation has one owner. The policy is a tag; an alert watches the age.

resource "aws_secretsmanager_secret" "this" {
  for_each = var.secrets

  name                    = "${var.name}/${each.key}"
  description             = each.value.description
  kms_key_id              = var.key_arn
  recovery_window_in_days = 30

  replica {
    region     = var.recovery.region
    kms_key_id = var.recovery.key_arn
  }

  tags = {
    "opsctl:rotation-days"  = tostring(each.value.rotation_days)
    "opsctl:rotation-owner" = "opsctl"
  }
}

# A role that is allowed secrets by its own policy still reads none but its own.
resource "aws_secretsmanager_secret_policy" "this" {
  for_each = var.secrets

  secret_arn          = aws_secretsmanager_secret.this[each.key].arn
  block_public_policy = true

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "NobodyElseReads"
        Effect    = "Deny"
        Principal = { AWS = "*" }
        Action    = ["secretsmanager:GetSecretValue", "secretsmanager:BatchGetSecretValue"]
        Resource  = "*"
        Condition = { ArnNotEquals = { "aws:PrincipalArn" = sort(concat(each.value.readers, var.administrators)) } }
      },
      {
        Sid       = "NobodyElseWrites"
        Effect    = "Deny"
        Principal = { AWS = "*" }
        Action    = ["secretsmanager:PutSecretValue", "secretsmanager:UpdateSecretVersionStage"]
        Resource  = "*"
        Condition = { ArnNotEquals = { "aws:PrincipalArn" = sort(var.administrators) } }
      },
    ]
  })
}

# The master password is in the database and here from the same apply; later ones are opsctl's.
resource "aws_secretsmanager_secret_version" "master" {
  secret_id                = aws_secretsmanager_secret.this[var.master.secret].id
  secret_string_wo         = jsonencode({ username = "master", password = var.master_password })
  secret_string_wo_version = var.master.version
}
