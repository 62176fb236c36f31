mock_provider "aws" {}

variables {
  name       = "platform"
  account_id = "111111111111"
  key_arn    = "arn:aws:kms:eu-central-1:111111111111:key/registry"
  recovery   = { region = "eu-west-1", key_arn = "arn:aws:kms:eu-west-1:111111111111:key/registry" }
}

run "a_tag_never_means_another_image_but_latest" {
  assert {
    condition     = alltrue([for it in aws_ecr_repository.this : it.image_tag_mutability == "IMMUTABLE_WITH_EXCLUSION" && [for filter in it.image_tag_mutability_exclusion_filter : filter.filter] == ["latest"]])
    error_message = "tags must be immutable, `latest` alone excepted"
  }
}

run "images_are_scanned_encrypted_and_in_both_regions" {
  assert {
    condition     = alltrue([for it in aws_ecr_repository.this : it.image_scanning_configuration[0].scan_on_push && it.encryption_configuration[0].encryption_type == "KMS"])
    error_message = "images must be scanned and encrypted"
  }

  assert {
    condition     = toset([for it in aws_ecr_repository.this : it.name if it.region == "eu-west-1"]) == toset(["platform/app", "platform/app-opsctl"]) && aws_ecr_replication_configuration.this.replication_configuration[0].rule[0].destination[0].region == "eu-west-1"
    error_message = "every image must be in the recovery region too"
  }
}

run "releases_are_kept_for_ever" {
  assert {
    condition     = alltrue(flatten([for it in aws_ecr_lifecycle_policy.this : [for rule in jsondecode(it.policy).rules : try(rule.selection.tagPatternList, ["staging-*"]) == ["staging-*"] && rule.selection.tagStatus != "any"]]))
    error_message = "no rule may match a release"
  }
}

run "other_accounts_may_read_and_not_write" {
  variables {
    readers = ["arn:aws:iam::222222222222:role/platform-production-opsctl"]
  }

  assert {
    condition     = alltrue(flatten([for it in aws_ecr_repository_policy.readers : [for action in jsondecode(it.policy).Statement[0].Action : !can(regex("Put|Upload|Delete|\\*", action))]]))
    error_message = "promoting needs reading alone"
  }
}

run "a_whole_account_as_reader_is_refused" {
  command = plan

  variables {
    readers = ["arn:aws:iam::222222222222:root"]
  }

  expect_failures = [var.readers]
}
