# What AWS would answer, where a module takes something out of the answer. Everything else is made up by Terraform.

mock_resource "aws_vpc_endpoint" {
  defaults = {
    dns_entry = [{ dns_name = "vpce-1.example", hosted_zone_id = "Z1" }]
  }
}

mock_resource "aws_eks_cluster" {
  defaults = {
    arn      = "arn:aws:eks:eu-central-1:111111111111:cluster/platform"
    identity = [{ oidc = [{ issuer = "https://oidc.eks.eu-central-1.amazonaws.com/id/0A1B" }] }]
  }
}

mock_resource "aws_eks_node_group" {
  defaults = {
    resources = [{ autoscaling_groups = [{ name = "eks-nodes" }], remote_access_security_group_id = "" }]
  }
}

mock_resource "aws_acm_certificate" {
  defaults = {
    domain_validation_options = [{
      domain_name           = "api.example.com"
      resource_record_name  = "_x.api.example.com"
      resource_record_type  = "CNAME"
      resource_record_value = "_y.acm-validations.aws"
    }]
  }
}

mock_resource "aws_ses_domain_dkim" {
  defaults = {
    dkim_tokens = ["one", "two", "three"]
  }
}

mock_resource "aws_networkfirewall_firewall" {
  defaults = {
    firewall_status = [{
      sync_states = [
        { availability_zone = "eu-central-1a", attachment = [{ endpoint_id = "vpce-a", subnet_id = "subnet-fa" }] },
        { availability_zone = "eu-central-1b", attachment = [{ endpoint_id = "vpce-b", subnet_id = "subnet-fb" }] },
        { availability_zone = "eu-central-1c", attachment = [{ endpoint_id = "vpce-c", subnet_id = "subnet-fc" }] },
      ]
    }]
  }
}
