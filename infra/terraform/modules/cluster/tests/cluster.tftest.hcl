mock_provider "aws" {
  source = "../../mocks"
}

variables {
  name              = "platform-test"
  subnet_ids        = ["subnet-a", "subnet-b", "subnet-c"]
  security_group_id = "sg-pods"
  key_arn           = "arn:aws:kms:eu-central-1:111111111111:key/cluster"
  logs_key_arn      = "arn:aws:kms:eu-central-1:111111111111:key/logs"
  volumes_role_arn  = "arn:aws:iam::111111111111:role/platform-test-volumes"
  administrators    = ["arn:aws:iam::111111111111:role/emergency"]
  deployers         = ["arn:aws:iam::111111111111:role/platform-test-deploy"]
  planners          = ["arn:aws:iam::111111111111:role/platform-test-plan"]
}

run "the_api_is_private_and_everything_is_logged" {
  assert {
    condition     = aws_eks_cluster.this.vpc_config[0].endpoint_private_access && aws_eks_cluster.this.vpc_config[0].endpoint_public_access == false
    error_message = "the API may not be on the internet"
  }

  assert {
    condition     = aws_eks_cluster.this.enabled_cluster_log_types == toset(["api", "audit", "authenticator", "controllerManager", "scheduler"]) && aws_cloudwatch_log_group.control_plane.name == "/aws/eks/platform-test/cluster"
    error_message = "every log of the control plane must be on"
  }

  assert {
    condition     = aws_eks_cluster.this.encryption_config[0].resources == toset(["secrets"]) && aws_eks_cluster.this.encryption_config[0].provider[0].key_arn == var.key_arn
    error_message = "Kubernetes' secrets must be encrypted by our key"
  }
}

run "access_is_by_entries_and_no_wider_than_it_must_be" {
  assert {
    condition     = aws_eks_cluster.this.access_config[0].authentication_mode == "API" && aws_eks_cluster.this.access_config[0].bootstrap_cluster_creator_admin_permissions == false
    error_message = "nobody may come in but by an entry"
  }

  assert {
    condition     = keys(aws_eks_access_policy_association.this) == ["arn:aws:iam::111111111111:role/emergency"]
    error_message = "the policies of AWS are for emergencies and for looking: they let whoever may deploy read Secrets"
  }

  assert {
    condition     = aws_eks_access_entry.this["arn:aws:iam::111111111111:role/platform-test-deploy"].kubernetes_groups == toset(["platform:deployers"]) && aws_eks_access_entry.this["arn:aws:iam::111111111111:role/platform-test-plan"].kubernetes_groups == toset(["platform:deployers", "platform:planners"])
    error_message = "deployers have the rights of their group in the cluster, planners those of a dry run"
  }
}

run "nodes_are_in_three_zones_and_their_metadata_out_of_reach" {
  assert {
    condition     = aws_launch_template.node.metadata_options[0].http_put_response_hop_limit == 1 && aws_launch_template.node.metadata_options[0].http_tokens == "required"
    error_message = "a pod may not read its node's role"
  }

  assert {
    condition     = tolist([for it in aws_eks_node_group.this : one(it.subnet_ids)]) == var.subnet_ids && alltrue([for it in aws_eks_node_group.this : it.scaling_config[0].min_size >= 1])
    error_message = "each zone must have a node"
  }

  assert {
    condition     = aws_launch_template.node.block_device_mappings[0].ebs[0].encrypted == "true" && aws_launch_template.node.key_name == null
    error_message = "volumes must be encrypted, and nobody logs in to a node"
  }
}

run "add_ons_are_pinned_and_the_network_plugin_enforces_policies" {
  assert {
    condition     = alltrue([for it in merge(aws_eks_addon.before_nodes, aws_eks_addon.after_nodes) : can(regex("^v[0-9]+\\.[0-9]+\\.[0-9]+-eksbuild\\.[0-9]+$", it.addon_version))])
    error_message = "every add-on must be pinned"
  }

  assert {
    condition     = jsondecode(aws_eks_addon.before_nodes["vpc-cni"].configuration_values).enableNetworkPolicy == "true"
    error_message = "NetworkPolicies must be enforced"
  }

  assert {
    condition     = toset(keys(merge(aws_eks_addon.before_nodes, aws_eks_addon.after_nodes))) == toset(["vpc-cni", "kube-proxy", "coredns", "metrics-server", "aws-ebs-csi-driver"])
    error_message = "the HPA needs metrics-server, monitoring needs volumes"
  }
}

run "pod_identity_brings_its_agent" {
  variables {
    identity = "pod-identity"
  }

  assert {
    condition     = contains(keys(aws_eks_addon.before_nodes), "eks-pod-identity-agent")
    error_message = "pod identity needs its agent on every node"
  }
}

run "two_nodes_are_refused" {
  command = plan

  variables {
    nodes = { least = 2, most = 6 }
  }

  expect_failures = [var.nodes]
}

run "nodes_that_the_images_are_not_built_for_are_refused" {
  command = plan

  variables {
    instance_types = ["m7g.xlarge"]
  }

  expect_failures = [var.instance_types]
}
