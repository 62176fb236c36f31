mock_provider "aws" {}

variables {
  name            = "platform-test-api"
  cluster         = { name = "platform-test", arn = "arn:aws:eks:eu-central-1:111111111111:cluster/platform-test", identity_provider = { arn = "arn:aws:iam::111111111111:oidc-provider/oidc.eks", issuer = "oidc.eks" } }
  service_account = { namespace = "platform", name = "api" }
  statements      = [{ sid = "Read", actions = ["s3:GetObject"], resources = ["arn:aws:s3:::reports/*"] }]
}

run "one_service_account_takes_the_role" {
  assert {
    condition     = jsondecode(aws_iam_role.this.assume_role_policy).Statement[0].Condition.StringEquals == { "oidc.eks:sub" = "system:serviceaccount:platform:api", "oidc.eks:aud" = "sts.amazonaws.com" }
    error_message = "the role must trust the one service account, by equality"
  }
}

run "pod_identity_trusts_the_same_service_account" {
  variables {
    identity = "pod-identity"
  }

  assert {
    condition     = jsondecode(aws_iam_role.this.assume_role_policy).Statement[0].Principal.Service == "pods.eks.amazonaws.com" && jsondecode(aws_iam_role.this.assume_role_policy).Statement[0].Condition.StringEquals["aws:RequestTag/kubernetes-service-account"] == "api" && aws_eks_pod_identity_association.this[0].service_account == "api"
    error_message = "pod identity must be held to the one service account of the one cluster"
  }
}

run "wildcards_in_actions_are_refused" {
  command = plan

  variables {
    statements = [{ sid = "All", actions = ["s3:*"], resources = ["arn:aws:s3:::reports/*"] }]
  }

  expect_failures = [var.statements]
}

run "every_resource_is_refused" {
  command = plan

  variables {
    statements = [{ sid = "All", actions = ["s3:GetObject"], resources = ["*"] }]
  }

  expect_failures = [var.statements]
}

run "every_service_account_is_refused" {
  command = plan

  variables {
    service_account = { namespace = "platform", name = "*" }
  }

  expect_failures = [var.service_account]
}
