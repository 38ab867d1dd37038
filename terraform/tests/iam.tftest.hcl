# Who may do what, as the policies say it.

mock_provider "aws" {
  source          = "./tests/mocks"
  override_during = plan
}

variables {
  environment = "dev"
  classes     = { bicycle = "nearby-orders", motorcycle = "distant-orders" }
}

run "the_training_role_reads_data_and_writes_models" {
  command = plan

  assert {
    condition = { for s in jsondecode(module.training_role.policy).Statement : s.Sid => { actions = s.Action, resources = s.Resource } if contains(["ReadData", "WriteModels", "KeepCheckpoints", "ListData"], s.Sid) } == {
      ListData = {
        actions   = ["s3:ListBucket"]
        resources = ["arn:aws:s3:::scones-dev-data-123456789012"]
      }
      ReadData = {
        actions   = ["s3:GetObject"]
        resources = [for key in ["code/*", "train/*", "validation/*", "test/*", "pretraining/*", "train.lst", "validation.lst", "manifest.json"] : "arn:aws:s3:::scones-dev-data-123456789012/${key}"]
      }
      WriteModels = {
        actions   = ["s3:AbortMultipartUpload", "s3:PutObject"]
        resources = ["arn:aws:s3:::scones-dev-data-123456789012/models/*"]
      }
      KeepCheckpoints = {
        actions   = ["s3:AbortMultipartUpload", "s3:DeleteObject", "s3:GetObject", "s3:PutObject"]
        resources = ["arn:aws:s3:::scones-dev-data-123456789012/checkpoints/*"]
      }
    }
    error_message = "A training job reads the staged data and code, and writes models and checkpoints only."
  }

  assert {
    condition = { for s in jsondecode(module.training_role.policy).Statement : s.Sid => s.Resource if contains(["PullImages", "WriteLogs"], s.Sid) } == {
      PullImages = [
        "arn:aws:ecr:us-east-1:763104351884:repository/pytorch",
        "arn:aws:ecr:us-east-1:811284229777:repository/image-classification",
      ]
      WriteLogs = [
        "arn:aws:logs:us-east-1:123456789012:log-group:/aws/sagemaker/TrainingJobs",
        "arn:aws:logs:us-east-1:123456789012:log-group:/aws/sagemaker/TrainingJobs:*",
      ]
    }
    error_message = "A training job pulls its own images and writes to the log group of training jobs only."
  }
}

run "the_serving_role_reads_models_and_writes_captures" {
  command = plan

  assert {
    condition = { for s in jsondecode(module.serving_role.policy).Statement : s.Sid => { actions = s.Action, resources = s.Resource } if contains(["ReadModels", "WriteCapture", "WriteLogs"], s.Sid) } == {
      ReadModels = {
        actions   = ["s3:GetObject"]
        resources = ["arn:aws:s3:::scones-dev-data-123456789012/models/*"]
      }
      WriteCapture = {
        actions   = ["s3:PutObject"]
        resources = ["arn:aws:s3:::scones-dev-data-123456789012/data-capture/*"]
      }
      WriteLogs = {
        actions   = ["logs:CreateLogStream", "logs:PutLogEvents"]
        resources = ["arn:aws:logs:us-east-1:123456789012:log-group:/aws/sagemaker/Endpoints/scones-dev-classifier:*"]
      }
    }
    error_message = "A served model reads models, writes captured traffic and its own log only."
  }

  assert {
    condition     = contains([for s in jsondecode(module.serving_role.policy).Statement : s.Resource[0] if s.Sid == "PullImages"], "arn:aws:ecr:us-east-1:763104351884:repository/ray")
    error_message = "A served model pulls the serving image."
  }
}

run "each_function_may_do_its_own_step_only" {
  command = plan

  assert {
    condition     = [for s in jsondecode(module.serialize_image_role.policy).Statement : s.Sid] == ["ListData", "ReadData", "WriteLogs"]
    error_message = "serialize_image reads pictures and writes its log."
  }

  assert {
    condition     = [for s in jsondecode(module.classify_image_role.policy).Statement : s.Resource if s.Sid == "InvokeEndpoint"] == [["arn:aws:sagemaker:us-east-1:123456789012:endpoint/scones-dev-classifier"]]
    error_message = "classify_image asks the one endpoint."
  }

  assert {
    condition = jsondecode(module.filter_confidence_role.policy).Statement == [{
      Sid      = "WriteLogs"
      Effect   = "Allow"
      Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
      Resource = ["arn:aws:logs:us-east-1:123456789012:log-group:/aws/lambda/scones-dev-filter-confidence:*"]
    }]
    error_message = "filter_confidence writes its log and nothing else."
  }
}

run "the_notifier_asks_marks_and_publishes" {
  command = plan

  assert {
    condition = { for s in jsondecode(module.notify_failure_role.policy).Statement : s.Sid => { actions = s.Action, resources = s.Resource } } == {
      DescribeExecutions = {
        actions   = ["states:DescribeExecution"]
        resources = ["arn:aws:states:us-east-1:123456789012:execution:scones-dev-classify:*"]
      }
      MarkNotices = {
        actions   = ["s3:DeleteObject", "s3:GetObject", "s3:PutObject"]
        resources = ["arn:aws:s3:::scones-dev-data-123456789012/notices/*"]
      }
      Publish = {
        actions   = ["sns:Publish"]
        resources = ["arn:aws:sns:us-east-1:123456789012:scones-dev-alerts"]
      }
      WriteLogs = {
        actions   = ["logs:CreateLogStream", "logs:PutLogEvents"]
        resources = ["arn:aws:logs:us-east-1:123456789012:log-group:/aws/lambda/scones-dev-notify-failure:*"]
      }
    }
    error_message = "notify_failure asks for executions of this workflow, marks what it told and publishes to the one topic."
  }
}

run "the_workflow_calls_its_functions_routes_and_asks" {
  command = plan

  assert {
    condition = { for s in jsondecode(module.classify_role.policy).Statement : s.Sid => { actions = s.Action, resources = s.Resource } if s.Sid != "AccountWide" } == {
      AskPeople = {
        actions   = ["sqs:SendMessage"]
        resources = ["arn:aws:sqs:us-east-1:123456789012:scones-dev-review"]
      }
      InvokeFunctions = {
        actions   = ["lambda:InvokeFunction"]
        resources = [for name in ["classify-image", "filter-confidence", "serialize-image"] : "arn:aws:lambda:us-east-1:123456789012:function:scones-dev-${name}"]
      }
      RouteDrivers = {
        actions   = ["events:PutEvents"]
        resources = ["arn:aws:events:us-east-1:123456789012:event-bus/scones-dev-drivers"]
      }
    }
    error_message = "The workflow calls its three functions, announces vehicles and fills the review queue only."
  }
}

run "only_actions_without_resources_are_account_wide" {
  command = plan

  assert {
    condition = alltrue([
      for policy in [module.training_role.policy, module.serving_role.policy] :
      [for s in jsondecode(policy).Statement : s.Action if contains(s.Resource, "*")] == [["cloudwatch:PutMetricData", "ecr:GetAuthorizationToken"]]
    ])
    error_message = "SageMaker's roles may publish metrics and sign in to the registry account-wide, nothing else."
  }

  assert {
    condition = alltrue(flatten([
      for policy in [module.serialize_image_role.policy, module.classify_image_role.policy, module.filter_confidence_role.policy, module.notify_failure_role.policy] :
      [for s in jsondecode(policy).Statement : !contains(s.Resource, "*")]
    ]))
    error_message = "No function may do anything account-wide."
  }

  assert {
    condition     = alltrue(flatten([for s in jsondecode(module.classify_role.policy).Statement : [for action in s.Action : startswith(action, "logs:")] if contains(s.Resource, "*")]))
    error_message = "The workflow may only deliver its log account-wide."
  }
}
