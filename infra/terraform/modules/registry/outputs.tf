output "repositories" {
  description = "Each image's repository."
  value       = { for image in var.images : image => { name = "${var.name}/${image}", arn = aws_ecr_repository.this["main/${image}"].arn, url = aws_ecr_repository.this["main/${image}"].repository_url } }
}

output "recovery_repositories" {
  description = "Each image's repository in the recovery region."
  value       = { for image in var.images : image => { name = "${var.name}/${image}", arn = aws_ecr_repository.this["recovery/${image}"].arn, url = aws_ecr_repository.this["recovery/${image}"].repository_url } }
}

output "promises" {
  description = "The settings that keep the specification's promises, as they are planned."
  value = {
    mutability = one(distinct([for it in aws_ecr_repository.this : it.image_tag_mutability]))
    moving     = one(distinct([for it in aws_ecr_repository.this : one(it.image_tag_mutability_exclusion_filter).filter]))
    scanned    = alltrue([for it in aws_ecr_repository.this : it.image_scanning_configuration[0].scan_on_push])
  }
}
