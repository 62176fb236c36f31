# Where changes are tried: small, and without a standby anywhere.

locals {
  # Of the environment's own account; opsctl.yaml pins the same. A fork writes its own here and in versions.tf.
  account_id      = "111111111111"
  primary_region  = "eu-central-1"
  recovery_region = "eu-west-1"

  tags = {
    environment = "development"
    owner       = "platform"
    terraform   = "environments/development"
  }
}

module "platform" {
  source = "../../modules/platform"

  providers = {
    aws          = aws
    aws.recovery = aws.recovery
  }

  environment = "development"
  account_id  = local.account_id
  domain      = "dev.example.com"

  primary = {
    region          = local.primary_region
    zones           = ["eu-central-1a", "eu-central-1b", "eu-central-1c"]
    cidr            = "10.10.0.0/16"
    access_image_id = "ami-0a1b2c3d4e5f60718"
  }

  recovery = {
    region          = local.recovery_region
    zones           = ["eu-west-1a", "eu-west-1b", "eu-west-1c"]
    cidr            = "10.11.0.0/16"
    access_image_id = "ami-0b1c2d3e4f5061728"
    standby         = false
  }

  database = {
    instance_class = "db.t4g.medium"
    storage_gib    = { initial = 20, most = 100 }
    multi_az       = false
    replicas       = 0
  }

  master_password = var.master_password

  cache   = { node_type = "cache.t4g.small", shards = 0, replicas = 1 }
  cluster = { kubernetes_version = "1.33", instance_types = ["m7i.large"], nodes = { least = 3, most = 6 } }

  # The subscription is a commitment of a year, taken where the organisation has none: by a person, not by a default.
  shield = { protect = false, subscribe = false }

  budget         = { monthly_dollars = 800, mail = ["platform@example.com"] }
  repository     = "example/platform"
  emergency_role = "arn:aws:iam::111111111111:role/emergency"
  image_readers  = ["arn:aws:iam::222222222222:role/platform-staging-opsctl", "arn:aws:iam::222222222222:role/platform-staging-plan"]

  mail = { from = "platform@dev.example.com", reports_to = "postmaster@example.com" }

  database_authority = file("../../authorities/rds.pem")
}
