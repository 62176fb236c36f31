# A bucket as every bucket of the platform is: versioned, encrypted, closed, TLS alone; and its copy in another region, just the
# same.

locals {
  sides = merge(
    { main = { name = var.name, region = var.region, key_arn = var.key_arn } },
    var.replica == null ? {} : { replica = { name = "${var.name}-replica", region = var.replica.region, key_arn = var.replica.key_arn } },
  )
}

resource "aws_s3_bucket" "this" {
  for_each = local.sides

  region              = each.value.region
  bucket              = each.value.name
  object_lock_enabled = var.lock_days != null
  force_destroy       = false
}

resource "aws_s3_bucket_versioning" "this" {
  for_each = local.sides

  region = each.value.region
  bucket = aws_s3_bucket.this[each.key].bucket

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "this" {
  for_each = local.sides

  region = each.value.region
  bucket = aws_s3_bucket.this[each.key].bucket

  rule {
    bucket_key_enabled = !var.key_of_aws

    apply_server_side_encryption_by_default {
      sse_algorithm     = var.key_of_aws ? "AES256" : "aws:kms"
      kms_master_key_id = each.value.key_arn
    }
  }
}

resource "aws_s3_bucket_public_access_block" "this" {
  for_each = local.sides

  region                  = each.value.region
  bucket                  = aws_s3_bucket.this[each.key].bucket
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_ownership_controls" "this" {
  for_each = local.sides

  region = each.value.region
  bucket = aws_s3_bucket.this[each.key].bucket

  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

resource "aws_s3_bucket_policy" "this" {
  for_each = local.sides

  region = each.value.region
  bucket = aws_s3_bucket.this[each.key].bucket

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat([{
      Sid       = "TlsAlone"
      Effect    = "Deny"
      Principal = { AWS = "*" }
      Action    = "s3:*"
      Resource  = ["arn:aws:s3:::${each.value.name}", "arn:aws:s3:::${each.value.name}/*"]
      Condition = { NumericLessThan = { "s3:TlsVersion" = "1.2" } }
      }, {
      Sid       = "NothingInTheClear"
      Effect    = "Deny"
      Principal = { AWS = "*" }
      Action    = "s3:*"
      Resource  = ["arn:aws:s3:::${each.value.name}", "arn:aws:s3:::${each.value.name}/*"]
      Condition = { Bool = { "aws:SecureTransport" = "false" } }
      }], [
      for statement in var.policy_statements : merge(statement, { Resource = "arn:aws:s3:::${each.value.name}/*" })
    ])
  })

  depends_on = [aws_s3_bucket_public_access_block.this]
}

resource "aws_s3_bucket_logging" "this" {
  for_each = var.access_log_bucket == null ? {} : { main = local.sides.main }

  region        = each.value.region
  bucket        = aws_s3_bucket.this[each.key].bucket
  target_bucket = var.access_log_bucket
  target_prefix = "s3/${var.name}/"
}
