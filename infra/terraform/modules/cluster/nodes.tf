# Nodes: encrypted, without a key to log in by, their metadata out of the pods' reach.

resource "aws_iam_role" "node" {
  name = "${var.name}-node"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "ec2.amazonaws.com" }
    }]
  })
}

resource "aws_iam_role_policy_attachment" "node" {
  for_each = toset(["AmazonEKSWorkerNodePolicy", "AmazonEC2ContainerRegistryPullOnly", "AmazonEKS_CNI_Policy"])

  role       = aws_iam_role.node.name
  policy_arn = "arn:aws:iam::aws:policy/${each.key}"
}

resource "aws_launch_template" "node" {
  name = "${var.name}-node"

  vpc_security_group_ids = [var.security_group_id]

  metadata_options {
    http_tokens = "required"
    # A pod is one hop further than its node: it never sees the node's role.
    http_put_response_hop_limit = 1
  }

  block_device_mappings {
    device_name = "/dev/xvda"

    ebs {
      volume_size           = 100
      volume_type           = "gp3"
      encrypted             = true
      kms_key_id            = var.key_arn
      delete_on_termination = true
    }
  }

  monitoring {
    enabled = true
  }

  tag_specifications {
    resource_type = "instance"
    tags          = { Name = "${var.name}-node" }
  }
}

# A group a zone: the autoscaler then adds a node where a pod's volume lies.
resource "aws_eks_node_group" "this" {
  count = 3

  cluster_name    = aws_eks_cluster.this.name
  node_group_name = "${var.name}-${count.index + 1}"
  node_role_arn   = aws_iam_role.node.arn
  subnet_ids      = [var.subnet_ids[count.index]]
  version         = var.kubernetes_version
  ami_type        = "AL2023_x86_64_STANDARD"
  instance_types  = var.instance_types

  launch_template {
    id      = aws_launch_template.node.id
    version = aws_launch_template.node.latest_version
  }

  scaling_config {
    min_size     = ceil(var.nodes.least / 3)
    desired_size = ceil(var.nodes.least / 3)
    max_size     = ceil(var.nodes.most / 3)
  }

  update_config {
    max_unavailable = 1
  }

  node_repair_config {
    enabled = true
  }

  lifecycle {
    # The autoscaler's.
    ignore_changes = [scaling_config[0].desired_size]
  }

  depends_on = [aws_eks_addon.before_nodes, aws_iam_role_policy_attachment.node]
}

# How the autoscaler finds the groups that are its own.
resource "aws_autoscaling_group_tag" "autoscaler" {
  for_each = {
    for pair in setproduct(range(3), ["enabled", var.name]) : "${pair[0]}-${pair[1]}" => { group = pair[0], word = pair[1] }
  }

  autoscaling_group_name = aws_eks_node_group.this[tonumber(each.value.group)].resources[0].autoscaling_groups[0].name

  tag {
    key                 = "k8s.io/cluster-autoscaler/${each.value.word}"
    value               = "owned"
    propagate_at_launch = false
  }
}
