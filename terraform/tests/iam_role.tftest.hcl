# The module of every role.

mock_provider "aws" {}

variables {
  name        = "test"
  description = "Test."
  service     = "lambda.amazonaws.com"
  account_id  = "123456789012"
  grants = {
    InvokeEndpoint = {
      actions   = ["sagemaker:InvokeEndpoint"]
      resources = ["arn:aws:sagemaker:us-east-1:123456789012:endpoint/e"]
    }
  }
}

run "a_grant_becomes_one_statement" {
  command = plan

  module {
    source = "./modules/iam_role"
  }

  assert {
    condition = jsondecode(aws_iam_role_policy.this.policy).Statement == [{
      Sid      = "InvokeEndpoint"
      Effect   = "Allow"
      Action   = ["sagemaker:InvokeEndpoint"]
      Resource = ["arn:aws:sagemaker:us-east-1:123456789012:endpoint/e"]
    }]
    error_message = "A grant must become one statement with its key as ID, and nothing else."
  }

  assert {
    condition = jsondecode(aws_iam_role.this.assume_role_policy).Statement == [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "lambda.amazonaws.com" }
      Condition = { StringEquals = { "aws:SourceAccount" = "123456789012" } }
    }]
    error_message = "Only the service may assume the role, and only for this account."
  }
}

run "metrics_are_published_in_the_named_namespaces_only" {
  command = plan

  module {
    source = "./modules/iam_role"
  }

  variables {
    metric_namespaces = ["Scones/dev"]
  }

  assert {
    condition = [
      for statement in jsondecode(aws_iam_role_policy.this.policy).Statement :
      statement if statement.Sid == "PublishMetrics"
      ] == [{
        Sid       = "PublishMetrics"
        Effect    = "Allow"
        Action    = ["cloudwatch:PutMetricData"]
        Resource  = ["*"]
        Condition = { StringEquals = { "cloudwatch:namespace" = ["Scones/dev"] } }
    }]
    error_message = "Publishing metrics must be limited to the namespaces."
  }
}

run "a_grant_on_everything_and_an_account_wide_action_with_a_resource_type_are_rejected" {
  command = plan

  module {
    source = "./modules/iam_role"
  }

  variables {
    grants               = { TooWide = { actions = ["s3:GetObject"], resources = ["*"] } }
    account_wide_actions = ["s3:DeleteObject"]
  }

  expect_failures = [var.grants, var.account_wide_actions]
}

run "a_grant_on_all_resources_of_a_type_is_rejected" {
  command = plan

  module {
    source = "./modules/iam_role"
  }

  variables {
    grants = {
      TooWide = {
        actions   = ["sqs:SendMessage"]
        resources = ["arn:aws:sqs:us-east-1:123456789012:*"]
      }
    }
  }

  expect_failures = [var.grants]
}

run "a_grant_of_all_actions_is_rejected" {
  command = plan

  module {
    source = "./modules/iam_role"
  }

  variables {
    grants = { TooWide = { actions = ["s3:*"], resources = ["arn:aws:s3:::bucket/*"] } }
  }

  expect_failures = [var.grants]
}
