resource "aws_iam_role" "this" {
  name        = var.name
  description = var.description

  # The service may assume the role for this account only.
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = var.service }
      Condition = { StringEquals = { "aws:SourceAccount" = var.account_id } }
    }]
  })
}

resource "aws_iam_role_policy" "this" {
  name = "grants"
  role = aws_iam_role.this.id

  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = concat(local.granted, local.account_wide, local.metrics)
  })
}

locals {
  granted = [
    for sid, grant in var.grants : {
      Sid      = sid
      Effect   = "Allow"
      Action   = grant.actions
      Resource = grant.resources
    }
  ]
  account_wide = [
    for actions in [var.account_wide_actions] : {
      Sid      = "AccountWide"
      Effect   = "Allow"
      Action   = actions
      Resource = ["*"]
    } if length(actions) > 0
  ]
  metrics = [
    for namespaces in [var.metric_namespaces] : {
      Sid       = "PublishMetrics"
      Effect    = "Allow"
      Action    = ["cloudwatch:PutMetricData"]
      Resource  = ["*"]
      Condition = { StringEquals = { "cloudwatch:namespace" = namespaces } }
    } if length(namespaces) > 0
  ]
}
