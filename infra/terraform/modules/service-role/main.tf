# A role for one service account and for no other pod.

locals {
  subject = "system:serviceaccount:${var.service_account.namespace}:${var.service_account.name}"

  trusts = {
    irsa = {
      Effect    = "Allow"
      Action    = ["sts:AssumeRoleWithWebIdentity"]
      Principal = { Federated = var.cluster.identity_provider.arn }
      Condition = {
        StringEquals = {
          "${var.cluster.identity_provider.issuer}:sub" = local.subject
          "${var.cluster.identity_provider.issuer}:aud" = "sts.amazonaws.com"
        }
      }
    }
    pod-identity = {
      Effect    = "Allow"
      Action    = ["sts:AssumeRole", "sts:TagSession"]
      Principal = { Service = "pods.eks.amazonaws.com" }
      Condition = {
        StringEquals = {
          "aws:RequestTag/kubernetes-namespace"       = var.service_account.namespace
          "aws:RequestTag/kubernetes-service-account" = var.service_account.name
          "aws:RequestTag/eks-cluster-arn"            = var.cluster.arn
        }
      }
    }
  }
}

resource "aws_iam_role" "this" {
  name                 = var.name
  max_session_duration = 3600

  # Written twice: a conditional needs both sides of one type.
  assume_role_policy = var.identity == "irsa" ? jsonencode({ Version = "2012-10-17", Statement = [local.trusts.irsa] }) : jsonencode({ Version = "2012-10-17", Statement = [local.trusts.pod-identity] })
}

resource "aws_iam_role_policy" "this" {
  count = length(var.statements) == 0 ? 0 : 1

  name = "what-it-needs"
  role = aws_iam_role.this.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      for it in var.statements : merge(
        { Sid = it.sid, Effect = "Allow", Action = sort(it.actions), Resource = sort(it.resources) },
        length(it.condition) == 0 ? {} : { Condition = it.condition },
      )
    ]
  })
}

resource "aws_eks_pod_identity_association" "this" {
  count = var.identity == "pod-identity" ? 1 : 0

  cluster_name    = var.cluster.name
  namespace       = var.service_account.namespace
  service_account = var.service_account.name
  role_arn        = aws_iam_role.this.arn
}
