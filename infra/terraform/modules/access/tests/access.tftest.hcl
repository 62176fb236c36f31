mock_provider "aws" {}

variables {
  name              = "platform-test"
  account_id        = "111111111111"
  region            = "eu-central-1"
  subnet_ids        = ["subnet-a", "subnet-b", "subnet-c"]
  security_group_id = "sg-access"
  key_arn           = "arn:aws:kms:eu-central-1:111111111111:key/cluster"
  logs_key_arn      = "arn:aws:kms:eu-central-1:111111111111:key/logs"
  image_id          = "ami-0123456789abcdef0"
}

run "nobody_connects_to_the_host" {
  assert {
    condition     = aws_launch_template.host.key_name == null && aws_launch_template.host.vpc_security_group_ids == toset(["sg-access"]) && length(aws_launch_template.host.network_interfaces) == 0
    error_message = "the host may have no key, no public address and no group but its own"
  }

  assert {
    condition     = aws_launch_template.host.metadata_options[0].http_tokens == "required" && aws_launch_template.host.metadata_options[0].http_put_response_hop_limit == 1
    error_message = "metadata must ask for a token and stay on the host"
  }
}

run "sessions_forward_one_port_to_the_cluster_and_give_no_shell" {
  assert {
    condition     = jsondecode(aws_ssm_document.tunnel.content).sessionType == "Port" && jsondecode(aws_ssm_document.tunnel.content).properties.portNumber == "443"
    error_message = "the document must forward to 443 alone"
  }

  assert {
    condition     = can(regex(jsondecode(aws_ssm_document.tunnel.content).parameters.host.allowedPattern, "0A1B2C.gr7.eu-central-1.eks.amazonaws.com")) && !can(regex(jsondecode(aws_ssm_document.tunnel.content).parameters.host.allowedPattern, "platform-test.abc.eu-central-1.rds.amazonaws.com"))
    error_message = "it must lead to EKS and to nothing else"
  }

  assert {
    condition     = toset([for it in jsondecode(aws_iam_policy.open.policy).Statement : it.Sid]) == toset(["OpenTheTunnel", "ThroughTheHost", "EndOnesOwn"]) && one([for it in jsondecode(aws_iam_policy.open.policy).Statement : it.Condition.BoolIfExists["ssm:SessionDocumentAccessCheck"] if it.Sid == "ThroughTheHost"]) == "true"
    error_message = "callers must be held to the one document"
  }
}

run "an_image_that_is_not_pinned_is_refused" {
  command = plan

  variables {
    image_id = "resolve:ssm:/aws/service/ami-amazon-linux-latest"
  }

  expect_failures = [var.image_id]
}
