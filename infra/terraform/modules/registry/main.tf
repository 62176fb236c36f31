# Images: a tag never means another image than it did, except `latest`, which follows production. The same repositories stand in
# the recovery region, and every push goes there too.

locals {
  sides = {
    main     = { region = null, key_arn = var.key_arn }
    recovery = { region = var.recovery.region, key_arn = var.recovery.key_arn }
  }

  repositories = {
    for pair in setproduct(keys(local.sides), var.images) : "${pair[0]}/${pair[1]}" => merge(local.sides[pair[0]], { name = "${var.name}/${pair[1]}" })
  }
}

resource "aws_ecr_repository" "this" {
  for_each = local.repositories

  region               = each.value.region
  name                 = each.value.name
  image_tag_mutability = "IMMUTABLE_WITH_EXCLUSION"
  force_delete         = false

  image_tag_mutability_exclusion_filter {
    filter      = "latest"
    filter_type = "WILDCARD"
  }

  image_scanning_configuration {
    scan_on_push = true
  }

  encryption_configuration {
    encryption_type = "KMS"
    kms_key         = each.value.key_arn
  }
}

# Releases (vX.Y.Z) and `latest` match no rule, so they stay.
resource "aws_ecr_lifecycle_policy" "this" {
  for_each = local.repositories

  region     = each.value.region
  repository = aws_ecr_repository.this[each.key].name

  policy = jsonencode({
    rules = [
      {
        rulePriority = 10
        description  = "Staging builds beyond the last ones"
        selection    = { tagStatus = "tagged", tagPatternList = ["staging-*"], countType = "imageCountMoreThan", countNumber = var.staging_builds }
        action       = { type = "expire" }
      },
      {
        rulePriority = 20
        description  = "Pushes that never got a tag"
        selection    = { tagStatus = "untagged", countType = "sinceImagePushed", countUnit = "days", countNumber = 30 }
        action       = { type = "expire" }
      },
    ]
  })
}

resource "aws_ecr_repository_policy" "readers" {
  for_each = length(var.readers) == 0 ? toset([]) : var.images

  repository = aws_ecr_repository.this["main/${each.key}"].name

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "Promote"
      Effect    = "Allow"
      Principal = { AWS = sort(var.readers) }
      Action    = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:DescribeImages", "ecr:GetDownloadUrlForLayer"]
    }]
  })
}

resource "aws_ecr_replication_configuration" "this" {
  replication_configuration {
    rule {
      destination {
        region      = var.recovery.region
        registry_id = var.account_id
      }

      repository_filter {
        filter      = "${var.name}/"
        filter_type = "PREFIX_MATCH"
      }
    }
  }

  depends_on = [aws_ecr_repository.this]
}
