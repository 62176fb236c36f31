mock_provider "aws" {
  source = "../../mocks"
}

variables {
  name           = "platform-rec"
  account_id     = "111111111111"
  region         = "eu-west-1"
  primary_region = "eu-central-1"
  cidr           = "10.21.0.0/16"
  zones          = ["eu-west-1a", "eu-west-1b", "eu-west-1c"]
}

run "without_a_standby_a_database_can_be_restored" {
  assert {
    condition     = output.load_balancer == null && output.standby == null
    error_message = "nothing that serves may stand there"
  }

  assert {
    condition     = toset(keys(output.restore_with)) == toset(["subnet_group", "parameter_group", "security_group_ids", "drill_group_ids", "key_arn"]) && [for it in aws_db_parameter_group.restored.parameter : it.value if it.name == "rds.force_ssl"] == ["1"]
    error_message = "a restored database must find its groups, and refuse connections without TLS"
  }

  assert {
    condition     = contains(keys(output.network.endpoint_names), "s3") && contains(keys(output.network.endpoint_names), "rds")
    error_message = "the primary region must find endpoints here"
  }
}

run "with_a_standby_all_that_serves_is_there" {
  variables {
    standby = {
      certificate_arn    = "arn:aws:acm:eu-west-1:111111111111:certificate/1"
      logs_bucket        = "recovery-access-logs"
      instance_types     = ["m7i.xlarge"]
      cache_node_type    = "cache.m7g.large"
      cache_shards       = 2
      access_image_id    = "ami-0123456789abcdef0"
      kubernetes_version = "1.33"
      shield             = true
      administrators     = []
      deployers          = []
      planners           = []
      volumes_role_arn   = "arn:aws:iam::111111111111:role/volumes"
      slow_query_millis  = 500
    }
  }

  assert {
    condition     = output.load_balancer != null && output.standby.promises.load_balancer.listeners == { "80" = "redirect", "443" = "forward" }
    error_message = "a load balancer must stand ready, HTTPS alone"
  }

  assert {
    condition     = length(output.standby.promises.waf) == 4 && output.standby.promises.shield && output.standby.promises.cluster.public == false && output.standby.promises.cache.cluster_mode
    error_message = "firewall, Shield, a private cluster and a cache must stand ready, as in the primary region"
  }
}

run "the_same_region_is_refused" {
  command = plan

  variables {
    primary_region = "eu-west-1"
  }

  expect_failures = [var.primary_region]
}
