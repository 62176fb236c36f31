# Who comes in, and how far. Nobody is in the old ConfigMap, and whoever made the cluster has no rights by that.

locals {
  policies = "arn:aws:eks::aws:cluster-access-policy"

  entries = merge(
    { for role in var.administrators : role => { policy = "AmazonEKSClusterAdminPolicy", groups = [] } },
    { for role in var.viewers : role => { policy = "AmazonEKSViewPolicy", groups = [] } },
    # By the cluster's own roles (k8s/base/deployers.yaml), because AWS's policies let whoever may deploy read Secrets too.
    { for role in var.deployers : role => { policy = null, groups = ["platform:deployers"] } },
    # The same, as a dry run: k8s/planners/planners.yaml.
    { for role in var.planners : role => { policy = null, groups = ["platform:deployers", "platform:planners"] } },
  )
}

resource "aws_eks_access_entry" "this" {
  for_each = local.entries

  cluster_name      = aws_eks_cluster.this.name
  principal_arn     = each.key
  kubernetes_groups = each.value.groups
  type              = "STANDARD"
}

resource "aws_eks_access_policy_association" "this" {
  for_each = { for role, it in local.entries : role => it if it.policy != null }

  cluster_name  = aws_eks_cluster.this.name
  principal_arn = aws_eks_access_entry.this[each.key].principal_arn
  policy_arn    = "${local.policies}/${each.value.policy}"

  access_scope {
    type = "cluster"
  }
}
