# What users are served by.

locals {
  # Of the environment's own account; opsctl.yaml pins the same. A fork writes its own here and in versions.tf.
  account_id      = "333333333333"
  primary_region  = "eu-central-1"
  recovery_region = "eu-west-1"

  tags = {
    environment = "production"
    owner       = "platform"
    terraform   = "environments/production"
  }
}

module "platform" {
  source = "../../modules/platform"

  providers = {
    aws          = aws
    aws.recovery = aws.recovery
  }

  environment = "production"
  account_id  = local.account_id
  domain      = "api.example.com"

  primary = {
    region          = local.primary_region
    zones           = ["eu-central-1a", "eu-central-1b", "eu-central-1c"]
    cidr            = "10.30.0.0/16"
    access_image_id = "ami-0a1b2c3d4e5f60718"
  }

  recovery = {
    region          = local.recovery_region
    zones           = ["eu-west-1a", "eu-west-1b", "eu-west-1c"]
    cidr            = "10.31.0.0/16"
    access_image_id = "ami-0b1c2d3e4f5061728"
    standby         = true
  }

  database = {
    instance_class = "db.r7g.xlarge"
    storage_gib    = { initial = 200, most = 2000 }
    multi_az       = true
    replicas       = 1
  }

  master_password = var.master_password

  cache   = { node_type = "cache.m7g.large", shards = 3, replicas = 1 }
  cluster = { kubernetes_version = "1.33", instance_types = ["m7i.xlarge"], nodes = { least = 3, most = 12 } }

  # The subscription is a commitment of a year, taken where the organisation has none: by a person, not by a default.
  shield = { protect = true, subscribe = false }

  budget         = { monthly_dollars = 9000, mail = ["platform@example.com"] }
  repository     = "example/platform"
  emergency_role = "arn:aws:iam::333333333333:role/emergency"
  image_readers  = []

  mail = { from = "platform@api.example.com", reports_to = "postmaster@example.com" }

  # The paging service and the dead man's switch: whom infra/monitoring/alertmanager/alertmanager.yaml calls, which the tests read.
  egress_domains = ["dead-man.example.net", "pager.example.com"]

  database_authority = file("../../authorities/rds.pem")
}
