# As production, smaller: what is drilled here must be true there.

locals {
  # Of the environment's own account; opsctl.yaml pins the same. A fork writes its own here and in versions.tf.
  account_id      = "222222222222"
  primary_region  = "eu-central-1"
  recovery_region = "eu-west-1"

  tags = {
    environment = "staging"
    owner       = "platform"
    terraform   = "environments/staging"
  }
}

module "platform" {
  source = "../../modules/platform"

  providers = {
    aws          = aws
    aws.recovery = aws.recovery
  }

  environment = "staging"
  account_id  = local.account_id
  domain      = "staging.example.com"

  primary = {
    region          = local.primary_region
    zones           = ["eu-central-1a", "eu-central-1b", "eu-central-1c"]
    cidr            = "10.20.0.0/16"
    access_image_id = "ami-0a1b2c3d4e5f60718"
  }

  recovery = {
    region          = local.recovery_region
    zones           = ["eu-west-1a", "eu-west-1b", "eu-west-1c"]
    cidr            = "10.21.0.0/16"
    access_image_id = "ami-0b1c2d3e4f5061728"
    standby         = true
  }

  database = {
    instance_class = "db.m7g.large"
    storage_gib    = { initial = 50, most = 200 }
    multi_az       = true
    replicas       = 1
  }

  master_password = var.master_password

  cache   = { node_type = "cache.t4g.medium", shards = 0, replicas = 1 }
  cluster = { kubernetes_version = "1.33", instance_types = ["m7i.large"], nodes = { least = 3, most = 6 } }

  # The subscription is a commitment of a year, taken where the organisation has none: by a person, not by a default.
  shield = { protect = false, subscribe = false }

  budget         = { monthly_dollars = 2500, mail = ["platform@example.com"] }
  repository     = "example/platform"
  emergency_role = "arn:aws:iam::222222222222:role/emergency"
  image_readers  = ["arn:aws:iam::333333333333:role/platform-production-opsctl", "arn:aws:iam::333333333333:role/platform-production-plan"]

  mail = { from = "platform@staging.example.com", reports_to = "postmaster@example.com", staging_to = "staging-mail@example.com" }

  # The paging service and the dead man's switch: whom infra/monitoring/alertmanager/alertmanager.yaml calls, which the tests read.
  egress_domains = ["dead-man.example.net", "pager.example.com"]

  database_authority = file("../../authorities/rds.pem")
}
