output "name" {
  description = "The cluster."
  value       = aws_eks_cluster.this.name
}

output "arn" {
  description = "The cluster."
  value       = aws_eks_cluster.this.arn
}

output "endpoint" {
  description = "Its API, reached from inside the network alone."
  value       = aws_eks_cluster.this.endpoint
}

output "identity_provider" {
  description = "Who pods say they are: what roles of service accounts trust."
  value = {
    arn    = aws_iam_openid_connect_provider.pods.arn
    issuer = trimprefix(aws_eks_cluster.this.identity[0].oidc[0].issuer, "https://")
  }
}

output "node_role_arn" {
  description = "The nodes' role."
  value       = aws_iam_role.node.arn
}

output "promises" {
  description = "The settings that keep the specification's promises, as they are planned."
  value = {
    public            = aws_eks_cluster.this.vpc_config[0].endpoint_public_access
    secrets_encrypted = aws_eks_cluster.this.encryption_config[0].resources == toset(["secrets"])
    logs              = aws_eks_cluster.this.enabled_cluster_log_types
    access            = aws_eks_cluster.this.access_config[0].authentication_mode
    metadata_hops     = aws_launch_template.node.metadata_options[0].http_put_response_hop_limit
    least_nodes       = sum([for group in aws_eks_node_group.this : group.scaling_config[0].min_size])
  }
}
