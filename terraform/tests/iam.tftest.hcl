# Who may do what: the statements of every role's policy.

mock_provider "aws" {
  source          = "./tests/mocks"
  override_during = plan
}

variables {
  environment = "dev"
  classes     = { bicycle = "nearby-orders", motorcycle = "distant-orders" }
}

run "each_role_may_do_what_its_task_needs" {
  command = plan

  # The training role.
  assert {
    condition = {
      for statement in jsondecode(module.training_role.policy).Statement :
      statement.Sid => { actions = statement.Action, resources = statement.Resource }
      if contains(["ReadData", "WriteModels", "WriteCheckpoints", "ListData"], statement.Sid)
      } == {
      ListData = {
        actions   = ["s3:ListBucket"]
        resources = ["arn:aws:s3:::scones-dev-data-123456789012"]
      }
      ReadData = {
        actions = ["s3:GetObject"]
        resources = [
          "arn:aws:s3:::scones-dev-data-123456789012/code/*",
          "arn:aws:s3:::scones-dev-data-123456789012/train/*",
          "arn:aws:s3:::scones-dev-data-123456789012/validation/*",
          "arn:aws:s3:::scones-dev-data-123456789012/test/*",
          "arn:aws:s3:::scones-dev-data-123456789012/pretraining/*",
          "arn:aws:s3:::scones-dev-data-123456789012/train.lst",
          "arn:aws:s3:::scones-dev-data-123456789012/validation.lst",
          "arn:aws:s3:::scones-dev-data-123456789012/manifest.json",
        ]
      }
      WriteModels = {
        actions   = ["s3:AbortMultipartUpload", "s3:PutObject"]
        resources = ["arn:aws:s3:::scones-dev-data-123456789012/models/*"]
      }
      WriteCheckpoints = {
        actions = [
          "s3:AbortMultipartUpload", "s3:DeleteObject", "s3:GetObject", "s3:PutObject",
        ]
        resources = ["arn:aws:s3:::scones-dev-data-123456789012/checkpoints/*"]
      }
    }
    error_message = "A job must read staged data and code, and write models and checkpoints only."
  }

  assert {
    condition = {
      for statement in jsondecode(module.training_role.policy).Statement :
      statement.Sid => statement.Resource if contains(["PullImages", "WriteLogs"], statement.Sid)
      } == {
      PullImages = [
        "arn:aws:ecr:us-east-1:763104351884:repository/pytorch",
        "arn:aws:ecr:us-east-1:811284229777:repository/image-classification",
      ]
      WriteLogs = [
        "arn:aws:logs:us-east-1:123456789012:log-group:/aws/sagemaker/TrainingJobs",
        "arn:aws:logs:us-east-1:123456789012:log-group:/aws/sagemaker/TrainingJobs:*",
      ]
    }
    error_message = "A job must pull its own container images and write its own log group only."
  }

  # The serving role.
  assert {
    condition = {
      for statement in jsondecode(module.serving_role.policy).Statement :
      statement.Sid => { actions = statement.Action, resources = statement.Resource }
      if !contains(["AccountWide", "PullImages"], statement.Sid)
      } == {
      ReadModels = {
        actions   = ["s3:GetObject"]
        resources = ["arn:aws:s3:::scones-dev-data-123456789012/models/*"]
      }
      WriteCapture = {
        actions   = ["s3:PutObject"]
        resources = ["arn:aws:s3:::scones-dev-data-123456789012/data-capture/*"]
      }
      WriteLogs = {
        actions = [
          "logs:CreateLogGroup", "logs:DescribeLogStreams",
          "logs:CreateLogStream", "logs:PutLogEvents",
        ]
        resources = [join(":", [
          "arn:aws:logs:us-east-1:123456789012:log-group",
          "/aws/sagemaker/Endpoints/scones-dev-classifier", "*",
        ])]
      }
    }
    error_message = "A served model must read models, write captures and its own log only."
  }

  assert {
    condition = contains(
      [
        for statement in jsondecode(module.serving_role.policy).Statement :
        statement.Resource[0] if statement.Sid == "PullImages"
      ],
      "arn:aws:ecr:us-east-1:763104351884:repository/ray",
    )
    error_message = "A served model must pull the serving image."
  }

  # The functions.
  assert {
    condition = [
      for statement in jsondecode(module.serialize_image_role.policy).Statement : statement.Sid
    ] == ["ListData", "ReadData", "WriteLogs"]
    error_message = "serialize_image must read images and write its log only."
  }

  assert {
    condition = [
      for statement in jsondecode(module.classify_image_role.policy).Statement :
      statement.Resource if statement.Sid == "InvokeEndpoint"
    ] == [["arn:aws:sagemaker:us-east-1:123456789012:endpoint/scones-dev-classifier"]]
    error_message = "classify_image must invoke the one endpoint only."
  }

  assert {
    condition = jsondecode(module.filter_confidence_role.policy).Statement == [{
      Sid    = "WriteLogs"
      Effect = "Allow"
      Action = ["logs:CreateLogStream", "logs:PutLogEvents"]
      Resource = [join(":", [
        "arn:aws:logs:us-east-1:123456789012:log-group",
        "/aws/lambda/scones-dev-filter-confidence", "*",
      ])]
    }]
    error_message = "filter_confidence must write its log and nothing else."
  }

  assert {
    condition = {
      for statement in jsondecode(module.notify_failure_role.policy).Statement :
      statement.Sid => { actions = statement.Action, resources = statement.Resource }
      } == {
      DescribeExecutions = {
        actions   = ["states:DescribeExecution"]
        resources = ["arn:aws:states:us-east-1:123456789012:execution:scones-dev-classify:*"]
      }
      MarkNotifications = {
        actions   = ["s3:DeleteObject", "s3:GetObject", "s3:PutObject"]
        resources = ["arn:aws:s3:::scones-dev-data-123456789012/notices/*"]
      }
      Publish = {
        actions   = ["sns:Publish"]
        resources = ["arn:aws:sns:us-east-1:123456789012:scones-dev-alerts"]
      }
      WriteLogs = {
        actions = ["logs:CreateLogStream", "logs:PutLogEvents"]
        resources = [join(":", [
          "arn:aws:logs:us-east-1:123456789012:log-group",
          "/aws/lambda/scones-dev-notify-failure", "*",
        ])]
      }
    }
    error_message = "notify_failure must read executions, write markers and publish to one topic."
  }

  # The workflow.
  assert {
    condition = {
      for statement in jsondecode(module.classify_role.policy).Statement :
      statement.Sid => { actions = statement.Action, resources = statement.Resource }
      if statement.Sid != "AccountWide"
      } == {
      InvokeFunctions = {
        actions = ["lambda:InvokeFunction"]
        resources = [
          "arn:aws:lambda:us-east-1:123456789012:function:scones-dev-classify-image",
          "arn:aws:lambda:us-east-1:123456789012:function:scones-dev-filter-confidence",
          "arn:aws:lambda:us-east-1:123456789012:function:scones-dev-serialize-image",
        ]
      }
      QueueForReview = {
        actions   = ["sqs:SendMessage"]
        resources = ["arn:aws:sqs:us-east-1:123456789012:scones-dev-review"]
      }
      RouteDrivers = {
        actions   = ["events:PutEvents"]
        resources = ["arn:aws:events:us-east-1:123456789012:event-bus/scones-dev-drivers"]
      }
    }
    error_message = "The workflow must call its functions, send events and fill the review queue."
  }

  # Account-wide actions.
  assert {
    condition = alltrue([
      for policy in [module.training_role.policy, module.serving_role.policy] : [
        for statement in jsondecode(policy).Statement :
        statement.Action if contains(statement.Resource, "*")
      ] == [["cloudwatch:PutMetricData", "ecr:GetAuthorizationToken"]]
    ])
    error_message = "SageMaker's roles may only publish metrics and sign in to ECR account-wide."
  }

  assert {
    condition = alltrue(flatten([
      for policy in [
        module.serialize_image_role.policy,
        module.classify_image_role.policy,
        module.filter_confidence_role.policy,
        module.notify_failure_role.policy,
      ] : [for statement in jsondecode(policy).Statement : !contains(statement.Resource, "*")]
    ]))
    error_message = "No function may do anything account-wide."
  }

  assert {
    condition = alltrue(flatten([
      for statement in jsondecode(module.classify_role.policy).Statement :
      [for action in statement.Action : startswith(action, "logs:")]
      if contains(statement.Resource, "*")
    ]))
    error_message = "The workflow may only deliver its log account-wide."
  }
}
