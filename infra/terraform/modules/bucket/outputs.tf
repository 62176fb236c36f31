output "name" {
  description = "The bucket."
  value       = aws_s3_bucket.this["main"].bucket
}

output "arn" {
  description = "The bucket."
  value       = "arn:aws:s3:::${var.name}"
}

output "replica" {
  description = "Its copy in the other region; null without one."
  value       = var.replica == null ? null : { name = "${var.name}-replica", arn = "arn:aws:s3:::${var.name}-replica", region = var.replica.region }
}

output "promises" {
  description = "The settings that keep the specification's promises, as they are planned."
  value = {
    region      = var.region
    versioned   = alltrue([for it in aws_s3_bucket_versioning.this : it.versioning_configuration[0].status == "Enabled"])
    encryption  = one(distinct([for it in aws_s3_bucket_server_side_encryption_configuration.this : one([for rule in it.rule : rule.apply_server_side_encryption_by_default[0].sse_algorithm])]))
    closed      = alltrue([for it in aws_s3_bucket_public_access_block.this : it.restrict_public_buckets && it.block_public_policy])
    copied_to   = var.replica == null ? null : var.replica.region
    expire_days = var.expire_days
    lock_days   = var.lock_days
  }
}
