terraform {
  required_version = ">= 1.11"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 6.25"
    }
  }

  # Made by modules/state, in the backup region. Locks are objects beside the state.
  backend "s3" {
    bucket       = "platform-staging-222222222222-terraform"
    key          = "platform.tfstate"
    region       = "eu-west-1"
    encrypt      = true
    use_lockfile = true
  }
}
