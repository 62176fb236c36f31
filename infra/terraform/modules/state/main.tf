# Terraform's own state: the one thing that is made before there is a place to keep its state. See README.

resource "aws_kms_key" "this" {
  region = var.region

  description             = "Terraform's state"
  enable_key_rotation     = true
  deletion_window_in_days = 30

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "TheAccountDecides"
      Effect    = "Allow"
      Principal = { AWS = "arn:aws:iam::${var.account_id}:root" }
      Action    = "kms:*"
      Resource  = "*"
    }]
  })
}

module "bucket" {
  source = "../bucket"

  name         = "${var.name}-${var.account_id}-terraform"
  region       = var.region
  key_arn      = aws_kms_key.this.arn
  promise_days = 365
}
