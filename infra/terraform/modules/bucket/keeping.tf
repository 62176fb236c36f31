# How long things are kept. A deleted object stays as an old version for as long as the promise holds, and a day longer.

resource "aws_s3_bucket_lifecycle_configuration" "this" {
  for_each = local.sides

  region = each.value.region
  bucket = aws_s3_bucket.this[each.key].bucket

  rule {
    id     = "keep"
    status = "Enabled"

    filter {}

    abort_incomplete_multipart_upload {
      days_after_initiation = 7
    }

    noncurrent_version_expiration {
      noncurrent_days = max(var.promise_days, coalesce(var.lock_days, 0)) + 1
    }

    dynamic "expiration" {
      for_each = var.expire_days == null ? [] : [var.expire_days]

      content {
        days = expiration.value
      }
    }

    dynamic "transition" {
      for_each = var.cold_days == null ? [] : [var.cold_days]

      content {
        days          = transition.value
        storage_class = "GLACIER_IR"
      }
    }
  }

  depends_on = [aws_s3_bucket_versioning.this]
}

resource "aws_s3_bucket_object_lock_configuration" "this" {
  for_each = var.lock_days == null ? {} : local.sides

  region = each.value.region
  bucket = aws_s3_bucket.this[each.key].bucket

  rule {
    default_retention {
      # In governance mode whoever has the right may still delete.
      mode = "COMPLIANCE"
      days = var.lock_days
    }
  }

  depends_on = [aws_s3_bucket_versioning.this]
}
