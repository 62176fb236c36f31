# A plan for another account than the environment's own is refused before it is made.

provider "aws" {
  region              = local.primary_region
  allowed_account_ids = [local.account_id]

  default_tags {
    tags = local.tags
  }
}

provider "aws" {
  alias               = "recovery"
  region              = local.recovery_region
  allowed_account_ids = [local.account_id]

  default_tags {
    tags = local.tags
  }
}
