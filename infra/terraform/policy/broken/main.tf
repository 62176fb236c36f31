# Every rule of ours must find something here: a rule that finds nothing guards nothing.

resource "aws_db_instance" "broken" {
  engine                      = "postgres"
  engine_version              = "14.1"
  instance_class              = "db.m7g.large"
  password                    = var.password
  manage_master_user_password = true
  snapshot_identifier         = "yesterday"
  backup_retention_period     = 7
  delete_automated_backups    = true
}

resource "aws_db_instance_automated_backups_replication" "broken" {
  source_db_instance_arn = aws_db_instance.broken.arn
  retention_period       = 7
}

resource "aws_lb_listener" "broken" {
  load_balancer_arn = "arn"
  protocol          = "HTTPS"
  ssl_policy        = "ELBSecurityPolicy-2016-08"

  default_action {
    type = "forward"
  }
}

resource "aws_lb_target_group" "broken" {
  protocol = "HTTP"

  health_check {
    interval = 60
  }
}

resource "aws_elasticache_replication_group" "broken" {
  replication_group_id       = "broken"
  description                = "broken"
  transit_encryption_mode    = "preferred"
  auth_token                 = var.password
  automatic_failover_enabled = false
  multi_az_enabled           = false
}

resource "aws_secretsmanager_secret_version" "broken" {
  secret_id     = "secret"
  secret_string = var.password
}

resource "aws_secretsmanager_secret_rotation" "broken" {
  secret_id = "secret"
}

resource "aws_vpc_security_group_ingress_rule" "broken" {
  security_group_id = "sg"
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "tcp"
  from_port         = 5432
  to_port           = 5432
}

resource "aws_iam_user" "broken" {
  name = "service"
}

resource "aws_iam_access_key" "broken" {
  user = aws_iam_user.broken.name
}

resource "aws_eks_cluster" "broken" {
  name     = "broken"
  role_arn = "arn"

  vpc_config {
    subnet_ids             = []
    endpoint_public_access = true
  }
}

resource "aws_ecr_repository" "broken" {
  name                 = "broken"
  image_tag_mutability = "MUTABLE"
}

resource "aws_launch_template" "broken" {
  metadata_options {
    http_tokens                 = "optional"
    http_put_response_hop_limit = 2
  }
}

resource "aws_route" "broken" {
  route_table_id         = aws_route_table.data.id
  destination_cidr_block = "0.0.0.0/0"
  gateway_id             = "igw"
}

variable "password" {
  type = string
}
