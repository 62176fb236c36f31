# What the cluster needs of its own, pinned. Owned here: whatever AWS keeps as an add-on. Owned by k8s/: the load balancer
# controller and the node autoscaler, whose roles stand in service-roles.

locals {
  # For each Kubernetes. `aws eks describe-addon-versions` names newer ones.
  pinned = {
    "1.33" = {
      vpc-cni            = "v1.20.4-eksbuild.1"
      kube-proxy         = "v1.33.5-eksbuild.2"
      coredns            = "v1.12.4-eksbuild.1"
      metrics-server     = "v0.8.0-eksbuild.2"
      aws-ebs-csi-driver = "v1.51.0-eksbuild.1"
      pod-identity       = "v1.3.9-eksbuild.3"
    }
    "1.34" = {
      vpc-cni            = "v1.20.4-eksbuild.1"
      kube-proxy         = "v1.34.1-eksbuild.2"
      coredns            = "v1.12.4-eksbuild.1"
      metrics-server     = "v0.8.0-eksbuild.2"
      aws-ebs-csi-driver = "v1.51.0-eksbuild.1"
      pod-identity       = "v1.3.9-eksbuild.3"
    }
  }
  versions = local.pinned[var.kubernetes_version]

  # On the nodes from their first second.
  before_nodes = merge(
    {
      vpc-cni = jsonencode({
        enableNetworkPolicy = "true"
        env                 = { ENABLE_PREFIX_DELEGATION = "true", NETWORK_POLICY_ENFORCING_MODE = "standard" }
      })
      kube-proxy = null
    },
    var.identity == "pod-identity" ? { eks-pod-identity-agent = null } : {},
  )
  after_nodes = {
    coredns            = null
    metrics-server     = null
    aws-ebs-csi-driver = null
  }
}

resource "aws_eks_addon" "before_nodes" {
  for_each = local.before_nodes

  cluster_name                = aws_eks_cluster.this.name
  addon_name                  = each.key
  addon_version               = local.versions[each.key == "eks-pod-identity-agent" ? "pod-identity" : each.key]
  configuration_values        = each.value
  resolve_conflicts_on_create = "OVERWRITE"
  resolve_conflicts_on_update = "PRESERVE"
}

resource "aws_eks_addon" "after_nodes" {
  for_each = local.after_nodes

  cluster_name                = aws_eks_cluster.this.name
  addon_name                  = each.key
  addon_version               = local.versions[each.key]
  configuration_values        = each.value
  service_account_role_arn    = each.key == "aws-ebs-csi-driver" ? var.volumes_role_arn : null
  resolve_conflicts_on_create = "OVERWRITE"
  resolve_conflicts_on_update = "PRESERVE"

  depends_on = [aws_eks_node_group.this]
}
