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
  database_authority = "-----BEGIN CERTIFICATE-----\nMII\n-----END CERTIFICATE-----"
}

run "every_way_out_has_a_route_and_none_is_the_internet" {
  command = plan

  assert {
    condition     = toset([for flow in output.outbound_flows : flow.route]) == toset(["endpoint", "gateway endpoint", "peering"])
    error_message = "without allow-listed domains every way out must be an endpoint or the peering"
  }
}
