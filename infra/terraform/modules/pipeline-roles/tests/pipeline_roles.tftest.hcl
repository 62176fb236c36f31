mock_provider "aws" {}

variables {
  name              = "platform-test"
  environment       = "staging"
  account_id        = "111111111111"
  repository        = "example/platform"
  regions           = ["eu-central-1", "eu-west-1"]
  cluster_arn       = "arn:aws:eks:eu-central-1:111111111111:cluster/platform-test"
  repositories      = ["arn:aws:ecr:eu-central-1:111111111111:repository/platform/app"]
  state_bucket_arn  = "arn:aws:s3:::state"
  state_key_arn     = "arn:aws:kms:eu-west-1:111111111111:key/storage"
  zone_arn          = "arn:aws:route53:::hostedzone/Z1"
  access_policy_arn = "arn:aws:iam::111111111111:policy/platform-test-open-access"
}

run "one_repository_after_the_environments_approvals" {
  assert {
    condition = alltrue([
      for role in [aws_iam_role.deploy, aws_iam_role.look, aws_iam_role.apply] : jsondecode(role.assume_role_policy).Statement[0].Condition == {
        StringEquals = {
          "token.actions.githubusercontent.com:aud" = "sts.amazonaws.com"
          "token.actions.githubusercontent.com:sub" = "repo:example/platform:environment:staging"
        }
      }
    ])
    error_message = "roles must trust one repository and one environment, by equality"
  }
}

run "a_plan_is_made_without_approvals_and_so_by_a_role_of_its_own" {
  assert {
    condition     = jsondecode(aws_iam_role.plan.assume_role_policy).Statement[0].Condition.StringEquals["token.actions.githubusercontent.com:sub"] == "repo:example/platform:environment:staging-plan"
    error_message = "the role of plans must trust the environment of plans alone"
  }

  assert {
    condition = toset(flatten([for it in jsondecode(aws_iam_role_policy.plan.policy).Statement : it.Action if it.Sid != "PushImages"])) == toset([
      "ecr:GetAuthorizationToken", "eks:DescribeCluster", "kms:Decrypt", "kms:GenerateDataKey", "s3:GetObject", "s3:ListBucket", "s3:PutObject",
    ])
    error_message = "a plan reads, and needs no more"
  }

  assert {
    condition     = flatten([for it in jsondecode(aws_iam_role_policy.plan.policy).Statement : it.Resource if contains(it.Action, "s3:PutObject")]) == ["arn:aws:s3:::state/operations/*"]
    error_message = "of the state, a plan may write journals: neither approvals nor releases nor locks"
  }
}

run "deploying_needs_no_database_and_no_secret" {
  assert {
    condition     = alltrue(flatten([for it in jsondecode(aws_iam_role_policy.deploy.policy).Statement : [for action in it.Action : can(regex("^(eks|ecr|s3|kms|route53):[A-Za-z]+$", action))]]))
    error_message = "a pipeline that deploys may not reach databases or secrets"
  }
}

run "applying_stays_in_its_regions_and_among_its_roles" {
  assert {
    condition     = one([for it in jsondecode(aws_iam_role_policy.apply.policy).Statement : it.Condition.StringNotEquals["aws:RequestedRegion"] if it.Sid == "NoOtherRegion"]) == ["eu-central-1", "eu-west-1", "us-east-1"]
    error_message = "Terraform may not work in other regions"
  }

  assert {
    condition     = one([for it in jsondecode(aws_iam_role_policy.apply.policy).Statement : it.Resource if it.Sid == "OwnRoles"]) == ["arn:aws:iam::111111111111:role/platform-test-*"]
    error_message = "Terraform may change the environment's own roles alone"
  }
}

run "a_wildcard_repository_is_refused" {
  command = plan

  variables {
    repository = "example/*"
  }

  expect_failures = [var.repository]
}
