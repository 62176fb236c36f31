mock_provider "aws" {
  source = "../../mocks"
}

mock_provider "aws" {
  alias  = "recovery"
  source = "../../mocks"
}

variables {
  environment        = "production"
  account_id         = "111111111111"
  domain             = "api.example.com"
  primary            = { region = "eu-central-1", zones = ["eu-central-1a", "eu-central-1b", "eu-central-1c"], cidr = "10.20.0.0/16", access_image_id = "ami-0123456789abcdef0" }
  recovery           = { region = "eu-west-1", zones = ["eu-west-1a", "eu-west-1b", "eu-west-1c"], cidr = "10.21.0.0/16", access_image_id = "ami-0123456789abcdef1", standby = true }
  database           = { instance_class = "db.m7g.large", storage_gib = { initial = 100, most = 500 }, multi_az = true, replicas = 1 }
  master_password    = "a-password-of-the-test-and-of-nothing-else"
  cache              = { node_type = "cache.m7g.large", shards = 2, replicas = 1 }
  cluster            = { kubernetes_version = "1.33", instance_types = ["m7i.xlarge"], nodes = { least = 3, most = 9 } }
  shield             = { protect = true, subscribe = false }
  budget             = { monthly_dollars = 3000, mail = ["platform@example.com"] }
  repository         = "example/platform"
  emergency_role     = "arn:aws:iam::111111111111:role/emergency"
  mail               = { from = "platform@api.example.com", reports_to = "postmaster@example.com" }
  database_authority = "-----BEGIN CERTIFICATE-----\nMII\n-----END CERTIFICATE-----"
}

run "a_named_domain_is_the_only_other_way_out" {
  command = plan

  variables {
    egress_domains = ["api.stripe.com"]
  }

  assert {
    condition     = output.outbound_flows["api.stripe.com"].route == "allow-listed egress" && length([for flow in output.outbound_flows : flow if !contains(["endpoint", "gateway endpoint", "peering", "allow-listed egress"], flow.route)]) == 0
    error_message = "a domain that is allowed must be listed, and nothing else be open"
  }

  assert {
    condition = toset([for name, flow in output.outbound_flows : name if flow.route == "peering"]) == toset([
      for service in ["api.ecr", "dkr.ecr", "eks", "elasticache", "elasticloadbalancing", "kms", "rds", "s3", "secretsmanager", "sts"] : "eu-west-1/${service}"
    ])
    error_message = "what opsctl calls in the backup region must be listed"
  }

  assert {
    condition     = output.outbound_flows["email-smtp"].route == "endpoint" && output.outbound_flows["email-smtp"].ports == [587]
    error_message = "mail must leave by its endpoint"
  }
}

run "production_without_a_standby_in_the_other_region_is_refused" {
  command = plan

  variables {
    recovery = { region = "eu-west-1", zones = ["eu-west-1a", "eu-west-1b", "eu-west-1c"], cidr = "10.21.0.0/16", access_image_id = "ami-0123456789abcdef1", standby = false }
  }

  expect_failures = [var.recovery]
}

run "one_region_for_both_is_refused" {
  command = plan

  variables {
    recovery = { region = "eu-central-1", zones = ["eu-central-1a", "eu-central-1b", "eu-central-1c"], cidr = "10.21.0.0/16", access_image_id = "ami-0123456789abcdef1", standby = true }
  }

  expect_failures = [var.recovery]
}

run "production_without_a_second_zone_for_the_database_is_refused" {
  command = plan

  variables {
    database = { instance_class = "db.m7g.large", storage_gib = { initial = 100, most = 500 }, multi_az = false, replicas = 1 }
  }

  expect_failures = [var.database]
}

run "production_without_a_replica_is_refused" {
  command = plan

  variables {
    database = { instance_class = "db.m7g.large", storage_gib = { initial = 100, most = 500 }, multi_az = true, replicas = 0 }
  }

  expect_failures = [var.database]
}

run "production_without_a_redis_cluster_is_refused" {
  command = plan

  variables {
    cache = { node_type = "cache.m7g.large", shards = 0, replicas = 1 }
  }

  expect_failures = [var.cache]
}

run "production_without_shield_is_refused" {
  command = plan

  variables {
    shield = { protect = false, subscribe = false }
  }

  expect_failures = [var.shield]
}

run "production_whose_mails_go_elsewhere_is_refused" {
  command = plan

  variables {
    mail = { from = "platform@api.example.com", reports_to = "postmaster@example.com", staging_to = "staging@example.com" }
  }

  expect_failures = [var.mail]
}

run "an_authority_that_is_no_certificate_is_refused" {
  command = plan

  variables {
    database_authority = "trust me"
  }

  expect_failures = [var.database_authority]
}

run "an_environment_that_is_none_of_the_three_is_refused" {
  command = plan

  variables {
    environment = "prod"
  }

  expect_failures = [var.environment]
}
