# Who may do what? One block per role; this is the whole list. The module refuses a wildcard as an
# action or as a whole resource, so every line names what it opens.

module "training_role" {
  source = "./modules/iam_role"

  name        = "${local.prefix}-training"
  description = "Trains the model: reads the staged data, writes models and checkpoints."
  service     = "sagemaker.amazonaws.com"
  account_id  = local.account_id
  grants = {
    ListData = {
      actions   = ["s3:ListBucket"]
      resources = [local.data_bucket_arn]
    }
    ReadData = {
      actions   = ["s3:GetObject"]
      resources = local.training_data_arns
    }
    WriteModels = {
      actions   = ["s3:AbortMultipartUpload", "s3:PutObject"]
      resources = ["${local.data_bucket_arn}/models/*"]
    }
    WriteCheckpoints = {
      actions   = ["s3:AbortMultipartUpload", "s3:DeleteObject", "s3:GetObject", "s3:PutObject"]
      resources = ["${local.data_bucket_arn}/checkpoints/*"]
    }
    WriteLogs = {
      actions   = local.write_new_logs
      resources = local.training_log_arns
    }
    PullImages = {
      actions   = local.pull_image
      resources = [local.training_repository_arn, local.builtin_repository_arn]
    }
  }
  account_wide_actions = ["cloudwatch:PutMetricData", "ecr:GetAuthorizationToken"]
}

module "serving_role" {
  source = "./modules/iam_role"

  name        = "${local.prefix}-serving"
  description = "Serves the model: reads it, writes captured traffic."
  service     = "sagemaker.amazonaws.com"
  account_id  = local.account_id
  grants = {
    ReadModels = {
      actions   = ["s3:GetObject"]
      resources = ["${local.data_bucket_arn}/models/*"]
    }
    WriteCapture = {
      actions   = ["s3:PutObject"]
      resources = ["${local.data_bucket_arn}/data-capture/*"]
    }
    WriteLogs = {
      actions   = local.write_new_logs
      resources = ["${local.log_group_prefix}${local.endpoint_log_group}:*"]
    }
    PullImages = {
      actions   = local.pull_image
      resources = [local.serving_repository_arn, local.builtin_repository_arn]
    }
  }
  account_wide_actions = ["cloudwatch:PutMetricData", "ecr:GetAuthorizationToken"]
}

module "serialize_image_role" {
  source = "./modules/iam_role"

  name        = local.functions.serialize_image
  description = "Reads images."
  service     = "lambda.amazonaws.com"
  account_id  = local.account_id
  grants = {
    # Without it S3 reports a missing image as a forbidden one.
    ListData = {
      actions   = ["s3:ListBucket"]
      resources = [local.data_bucket_arn]
    }
    ReadData = {
      actions   = ["s3:GetObject"]
      resources = ["${local.data_bucket_arn}/*"]
    }
    WriteLogs = {
      actions   = local.write_logs
      resources = [local.function_log_arns.serialize_image]
    }
  }
}

module "classify_image_role" {
  source = "./modules/iam_role"

  name        = local.functions.classify_image
  description = "Invokes the endpoint; reads images that are too large to inline."
  service     = "lambda.amazonaws.com"
  account_id  = local.account_id
  grants = {
    InvokeEndpoint = {
      actions   = ["sagemaker:InvokeEndpoint"]
      resources = [local.endpoint_arn]
    }
    ListData = {
      actions   = ["s3:ListBucket"]
      resources = [local.data_bucket_arn]
    }
    ReadData = {
      actions   = ["s3:GetObject"]
      resources = ["${local.data_bucket_arn}/*"]
    }
    WriteLogs = {
      actions   = local.write_logs
      resources = [local.function_log_arns.classify_image]
    }
  }
}

module "filter_confidence_role" {
  source = "./modules/iam_role"

  name        = local.functions.filter_confidence
  description = "Computes; needs nothing but its log."
  service     = "lambda.amazonaws.com"
  account_id  = local.account_id
  grants = {
    WriteLogs = {
      actions   = local.write_logs
      resources = [local.function_log_arns.filter_confidence]
    }
  }
}

module "notify_failure_role" {
  source = "./modules/iam_role"

  name        = local.functions.notify_failure
  description = "Notifies about failed executions: reads the cause, publishes it once."
  service     = "lambda.amazonaws.com"
  account_id  = local.account_id
  grants = {
    DescribeExecutions = {
      actions   = ["states:DescribeExecution"]
      resources = [local.executions_arn]
    }
    # One marker per execution: it is not published twice.
    MarkNotifications = {
      actions   = ["s3:DeleteObject", "s3:GetObject", "s3:PutObject"]
      resources = ["${local.data_bucket_arn}/notices/*"]
    }
    Publish = {
      actions   = ["sns:Publish"]
      resources = [local.alerts_topic_arn]
    }
    WriteLogs = {
      actions   = local.write_logs
      resources = [local.function_log_arns.notify_failure]
    }
  }
}

module "drift_schedule_role" {
  source   = "./modules/iam_role"
  for_each = local.drift_monitor

  name        = "${local.prefix}-drift-schedule"
  description = "Starts the drift monitor's jobs."
  service     = "scheduler.amazonaws.com"
  account_id  = local.account_id
  grants = {
    PassJobRole = {
      actions   = ["iam:PassRole"]
      resources = [local.drift_job_role_arn]
    }
    StartJobs = {
      actions   = ["sagemaker:AddTags", "sagemaker:CreateProcessingJob"]
      resources = ["${local.arn_prefix.sagemaker}:processing-job/${local.prefix}-drift-*"]
    }
  }
}

module "drift_job_role" {
  source   = "./modules/iam_role"
  for_each = local.drift_monitor

  name        = local.drift_job_role
  description = "Measures drift: reads captured traffic and the model, writes the results."
  service     = "sagemaker.amazonaws.com"
  account_id  = local.account_id
  grants = {
    ListData = {
      actions   = ["s3:ListBucket"]
      resources = [local.data_bucket_arn]
    }
    ReadTraffic = {
      actions   = ["s3:GetObject"]
      resources = local.drift_data_arns
    }
    WriteResults = {
      actions   = ["s3:PutObject"]
      resources = ["${local.data_bucket_arn}/drift/*"]
    }
    WriteLogs = {
      actions   = local.write_new_logs
      resources = local.processing_log_arns
    }
    PullImages = {
      actions   = local.pull_image
      resources = [local.training_repository_arn]
    }
  }
  account_wide_actions = ["ecr:GetAuthorizationToken"]
  metric_namespaces    = [local.metric_namespace, "/aws/sagemaker/ProcessingJobs"]
}

module "classify_role" {
  source = "./modules/iam_role"

  name        = local.state_machine
  description = "Runs the workflow: calls its functions, routes drivers, queues for review."
  service     = "states.amazonaws.com"
  account_id  = local.account_id
  grants = {
    InvokeFunctions = {
      actions   = ["lambda:InvokeFunction"]
      resources = [for step in sort(local.steps) : local.function_arns[step]]
    }
    QueueForReview = {
      actions   = ["sqs:SendMessage"]
      resources = [local.review_queue_arn]
    }
    RouteDrivers = {
      actions   = ["events:PutEvents"]
      resources = [local.event_bus_arn]
    }
  }
  account_wide_actions = local.deliver_logs
}
