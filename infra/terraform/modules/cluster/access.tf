# Who comes in, and how far. Nobody is in the old ConfigMap, and whoever made the cluster has no rights by that.

locals {
  policies = "arn:aws:eks::aws:cluster-access-policy"

  entries = merge(
    { for role in var.administrators : role => { policy = "AmazonEKSClusterAdminPolicy", namespaces = [] } },
    { for role in var.deployers : role => { policy = "AmazonEKSAdminPolicy", namespaces = var.namespaces } },
    { for role in var.viewers : role => { policy = "AmazonEKSViewPolicy", namespaces = [] } },
  )
}

resource "aws_eks_access_entry" "this" {
  for_each = local.entries

  cluster_name  = aws_eks_cluster.this.name
  principal_arn = each.key
  type          = "STANDARD"
}

resource "aws_eks_access_policy_association" "this" {
  for_each = local.entries

  cluster_name  = aws_eks_cluster.this.name
  principal_arn = aws_eks_access_entry.this[each.key].principal_arn
  policy_arn    = "${local.policies}/${each.value.policy}"

  access_scope {
    type       = length(each.value.namespaces) == 0 ? "cluster" : "namespace"
    namespaces = length(each.value.namespaces) == 0 ? null : each.value.namespaces
  }
}
