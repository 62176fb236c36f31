# What the cluster's own services may do.

locals {
  # Terraform owns load balancer, listeners and target groups; the controller registers pods and does nothing else. It may
  # neither make nor change one.
  load_balancer_controller = [
    {
      sid = "See"
      actions = [
        "ec2:DescribeAvailabilityZones", "ec2:DescribeInstances", "ec2:DescribeNetworkInterfaces", "ec2:DescribeSecurityGroups", "ec2:DescribeSubnets", "ec2:DescribeVpcs",
        "elasticloadbalancing:DescribeTags", "elasticloadbalancing:DescribeTargetGroupAttributes", "elasticloadbalancing:DescribeTargetGroups", "elasticloadbalancing:DescribeTargetHealth",
      ]
      resources = ["*"]
      unscoped  = true
    },
    {
      sid       = "RegisterPods"
      actions   = ["elasticloadbalancing:DeregisterTargets", "elasticloadbalancing:RegisterTargets"]
      resources = ["arn:aws:elasticloadbalancing:${var.regions.primary}:${var.account_id}:targetgroup/${var.name}-*"]
    },
  ]

  autoscaler = [
    {
      sid = "See"
      actions = [
        "autoscaling:DescribeAutoScalingGroups", "autoscaling:DescribeAutoScalingInstances", "autoscaling:DescribeLaunchConfigurations", "autoscaling:DescribeScalingActivities",
        "ec2:DescribeImages", "ec2:DescribeInstanceTypes", "ec2:DescribeLaunchTemplateVersions", "ec2:GetInstanceTypesFromInstanceRequirements",
      ]
      resources = ["*"]
      unscoped  = true
    },
    { sid = "SeeNodeGroups", actions = ["eks:DescribeNodegroup"], resources = ["${replace(var.cluster.arn, ":cluster/", ":nodegroup/")}/*"] },
    {
      sid       = "ScaleItsOwn"
      actions   = ["autoscaling:SetDesiredCapacity", "autoscaling:TerminateInstanceInAutoScalingGroup"]
      resources = ["*"]
      unscoped  = true
      condition = { StringEquals = { "aws:ResourceTag/k8s.io/cluster-autoscaler/${var.cluster.name}" = ["owned"] } }
    },
  ]

  volumes = [
    {
      sid       = "See"
      actions   = ["ec2:DescribeAvailabilityZones", "ec2:DescribeInstances", "ec2:DescribeSnapshots", "ec2:DescribeTags", "ec2:DescribeVolumes", "ec2:DescribeVolumesModifications"]
      resources = ["*"]
      unscoped  = true
    },
    {
      sid       = "MakeVolumes"
      actions   = ["ec2:CreateVolume"]
      resources = ["arn:aws:ec2:${var.regions.primary}:${var.account_id}:volume/*"]
      condition = { StringEquals = { "aws:RequestTag/ebs.csi.aws.com/cluster" = ["true"] } }
    },
    {
      sid       = "TagWhatItMakes"
      actions   = ["ec2:CreateTags"]
      resources = ["arn:aws:ec2:${var.regions.primary}:${var.account_id}:volume/*"]
      condition = { StringEquals = { "ec2:CreateAction" = ["CreateVolume"] } }
    },
    {
      sid       = "OperateItsOwn"
      actions   = ["ec2:DeleteVolume", "ec2:ModifyVolume"]
      resources = ["arn:aws:ec2:${var.regions.primary}:${var.account_id}:volume/*"]
      condition = { StringEquals = { "ec2:ResourceTag/ebs.csi.aws.com/cluster" = ["true"] } }
    },
    {
      sid       = "Attach"
      actions   = ["ec2:AttachVolume", "ec2:DetachVolume"]
      resources = ["arn:aws:ec2:${var.regions.primary}:${var.account_id}:instance/*", "arn:aws:ec2:${var.regions.primary}:${var.account_id}:volume/*"]
    },
    { sid = "Keys", actions = ["kms:CreateGrant", "kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKeyWithoutPlaintext"], resources = [var.keys.primary["cluster"]] },
  ]
}
