# How engineers and pipelines reach the cluster's API, which is private: a session through this host, opened by Session Manager
# with the caller's own role. Nobody connects to the host, it has no key and no public address, and it can reach the cluster's
# API and AWS's endpoints only.

resource "aws_iam_role" "host" {
  name = "${var.name}-access"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "ec2.amazonaws.com" }
    }]
  })
}

resource "aws_iam_role_policy" "session" {
  #checkov:skip=CKV_AWS_290:Session Manager's calls know no resource
  #checkov:skip=CKV_AWS_355:Session Manager's calls know no resource
  name = "session"
  role = aws_iam_role.host.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid    = "AnswerSessionManager"
      Effect = "Allow"
      Action = [
        "ssm:UpdateInstanceInformation",
        "ssmmessages:CreateControlChannel",
        "ssmmessages:CreateDataChannel",
        "ssmmessages:OpenControlChannel",
        "ssmmessages:OpenDataChannel",
      ]
      # These calls know no resource.
      Resource = "*"
    }]
  })
}

resource "aws_iam_instance_profile" "host" {
  name = "${var.name}-access"
  role = aws_iam_role.host.name
}

resource "aws_launch_template" "host" {
  name          = "${var.name}-access"
  image_id      = var.image_id
  instance_type = "t4g.nano"

  vpc_security_group_ids = [var.security_group_id]

  iam_instance_profile {
    arn = aws_iam_instance_profile.host.arn
  }

  metadata_options {
    http_tokens                 = "required"
    http_put_response_hop_limit = 1
  }

  block_device_mappings {
    device_name = "/dev/xvda"

    ebs {
      encrypted             = true
      kms_key_id            = var.key_arn
      volume_type           = "gp3"
      delete_on_termination = true
    }
  }

  tag_specifications {
    resource_type = "instance"
    tags          = { Name = "${var.name}-access" }
  }
}

resource "aws_autoscaling_group" "host" {
  name                = "${var.name}-access"
  min_size            = 1
  max_size            = 1
  vpc_zone_identifier = var.subnet_ids
  health_check_type   = "EC2"

  launch_template {
    id      = aws_launch_template.host.id
    version = aws_launch_template.host.latest_version
  }

  tag {
    key                 = "Name"
    value               = "${var.name}-access"
    propagate_at_launch = true
  }
}

resource "aws_cloudwatch_log_group" "sessions" {
  name              = "/access/${var.name}/sessions"
  retention_in_days = 365
  kms_key_id        = var.logs_key_arn
}

# The only document that callers may open: a way to one port, and no shell.
resource "aws_ssm_document" "tunnel" {
  name            = "${var.name}-cluster-api"
  document_type   = "Session"
  document_format = "JSON"

  content = jsonencode({
    schemaVersion = "1.0"
    description   = "A way to the cluster's API"
    sessionType   = "Port"
    parameters = {
      localPortNumber = { type = "String", description = "Where it is opened on the caller's machine; 0 takes a free one", default = "0", allowedPattern = "^[0-9]{1,5}$" }
      host            = { type = "String", description = "The cluster's endpoint", allowedPattern = "^[0-9A-F]+\\.[a-z0-9]+\\.${var.region}\\.eks\\.amazonaws\\.com$" }
    }
    properties = {
      type            = "LocalPortForwarding"
      portNumber      = "443"
      localPortNumber = "{{ localPortNumber }}"
      host            = "{{ host }}"
    }
  })
}

# What callers are given to open one.
resource "aws_iam_policy" "open" {
  name        = "${var.name}-open-access"
  description = "Open a session to the cluster's API, and end one's own"

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "OpenTheTunnel"
        Effect   = "Allow"
        Action   = "ssm:StartSession"
        Resource = aws_ssm_document.tunnel.arn
      },
      {
        Sid       = "ThroughTheHost"
        Effect    = "Allow"
        Action    = "ssm:StartSession"
        Resource  = "arn:aws:ec2:${var.region}:${var.account_id}:instance/*"
        Condition = { StringEquals = { "ssm:resourceTag/Name" = "${var.name}-access" }, BoolIfExists = { "ssm:SessionDocumentAccessCheck" = "true" } }
      },
      {
        Sid      = "EndOnesOwn"
        Effect   = "Allow"
        Action   = ["ssm:TerminateSession", "ssm:ResumeSession"]
        Resource = "arn:aws:ssm:${var.region}:${var.account_id}:session/$${aws:userid}-*"
      },
    ]
  })
}
