# The module that every role is made with.

mock_provider "aws" {}

variables {
  name        = "test"
  description = "Test."
  service     = "lambda.amazonaws.com"
  account_id  = "123456789012"
  grants      = { InvokeEndpoint = { actions = ["sagemaker:InvokeEndpoint"], resources = ["arn:aws:sagemaker:us-east-1:123456789012:endpoint/e"] } }
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
    error_message = "A grant must become one statement with the grant's key as its ID, and nothing must be added."
  }

  assert {
    condition = jsondecode(aws_iam_role.this.assume_role_policy).Statement == [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "lambda.amazonaws.com" }
      Condition = { StringEquals = { "aws:SourceAccount" = "123456789012" } }
    }]
    error_message = "Only the service may take the role, and only for this account."
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
    condition = [for s in jsondecode(aws_iam_role_policy.this.policy).Statement : s if s.Sid == "PublishMetrics"] == [{
      Sid       = "PublishMetrics"
      Effect    = "Allow"
      Action    = ["cloudwatch:PutMetricData"]
      Resource  = ["*"]
      Condition = { StringEquals = { "cloudwatch:namespace" = ["Scones/dev"] } }
    }]
    error_message = "Publishing metrics must be narrowed to the namespaces."
  }
}

run "a_grant_on_everything_is_refused" {
  command = plan

  module {
    source = "./modules/iam_role"
  }

  variables {
    grants = { TooWide = { actions = ["s3:GetObject"], resources = ["*"] } }
  }

  expect_failures = [var.grants]
}

run "a_grant_on_all_resources_of_a_kind_is_refused" {
  command = plan

  module {
    source = "./modules/iam_role"
  }

  variables {
    grants = { TooWide = { actions = ["sqs:SendMessage"], resources = ["arn:aws:sqs:us-east-1:123456789012:*"] } }
  }

  expect_failures = [var.grants]
}

run "a_grant_of_all_actions_is_refused" {
  command = plan

  module {
    source = "./modules/iam_role"
  }

  variables {
    grants = { TooWide = { actions = ["s3:*"], resources = ["arn:aws:s3:::bucket/*"] } }
  }

  expect_failures = [var.grants]
}

run "an_action_that_knows_resources_is_not_account_wide" {
  command = plan

  module {
    source = "./modules/iam_role"
  }

  variables {
    account_wide_actions = ["s3:DeleteObject"]
  }

  expect_failures = [var.account_wide_actions]
}
