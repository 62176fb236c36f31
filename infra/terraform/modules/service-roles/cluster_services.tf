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

  # CloudWatch's figures of RDS, ElastiCache and the load balancer, for Prometheus.
  metrics = [
    {
      sid       = "Read"
      actions   = ["cloudwatch:GetMetricData", "cloudwatch:GetMetricStatistics", "cloudwatch:ListMetrics", "tag:GetResources"]
      resources = ["*"]
      unscoped  = true
    },
  ]

  # Elasticsearch archives its indices as snapshots.
  logs = [
    { sid = "See", actions = ["s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads"], resources = [var.buckets["logs"].arn] },
    { sid = "Archive", actions = ["s3:AbortMultipartUpload", "s3:DeleteObject", "s3:GetObject", "s3:ListMultipartUploadParts", "s3:PutObject"], resources = ["${var.buckets["logs"].arn}/*"] },
    {
      sid       = "Key"
      actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
      resources = [var.keys.primary["storage"]]
      condition = { StringEquals = { "kms:ViaService" = ["s3.${var.regions.primary}.amazonaws.com"] } }
    },
  ]
}
