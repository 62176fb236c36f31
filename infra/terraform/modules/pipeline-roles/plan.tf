# The role of a job that nobody approved: it reads what is there, and makes a plan of it. Images it gives their tags, which ECR lets
# nobody move; what it writes of the state is the journal of doing so. In the cluster it may do what a deploy may, as a dry run alone
# (k8s/planners/planners.yaml).

resource "aws_iam_role" "plan" {
  name                 = "${var.name}-plan"
  assume_role_policy   = local.trusts["${var.environment}-plan"]
  max_session_duration = 3600
}

resource "aws_iam_role_policy" "plan" {
  name = "what-it-needs"
  role = aws_iam_role.plan.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      local.find_the_cluster,
      local.log_in,
      local.push_images,
      local.see_state,
      { Sid = "ReadState", Effect = "Allow", Action = ["s3:GetObject"], Resource = ["${var.state_bucket_arn}/*"] },
      { Sid = "WriteJournals", Effect = "Allow", Action = ["s3:PutObject"], Resource = ["${var.state_bucket_arn}/operations/*"] },
      local.state_key,
    ]
  })
}

resource "aws_iam_role_policy_attachment" "plan_access" {
  role       = aws_iam_role.plan.name
  policy_arn = var.access_policy_arn
}
