# Who may do what? One block per role; this is the whole list.

module "training_role" {
  source = "./modules/iam_role"

  name        = "${local.prefix}-training"
  description = "Trains the model: reads the staged data, writes models and checkpoints."
  service     = "sagemaker.amazonaws.com"
  account_id  = local.account_id
  grants = {
    ListData        = { actions = ["s3:ListBucket"], resources = [local.data_bucket_arn] }
    ReadData        = { actions = ["s3:GetObject"], resources = local.training_data_arns }
    WriteModels     = { actions = ["s3:AbortMultipartUpload", "s3:PutObject"], resources = ["${local.data_bucket_arn}/models/*"] }
    KeepCheckpoints = { actions = ["s3:AbortMultipartUpload", "s3:DeleteObject", "s3:GetObject", "s3:PutObject"], resources = ["${local.data_bucket_arn}/checkpoints/*"] }
    WriteLogs       = { actions = local.write_new_logs, resources = local.training_log_arns }
    PullImages      = { actions = local.pull_image, resources = [local.training_repository_arn, local.builtin_repository_arn] }
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
    ListData     = { actions = ["s3:ListBucket"], resources = [local.data_bucket_arn] }
    ReadModels   = { actions = ["s3:GetObject"], resources = ["${local.data_bucket_arn}/models/*"] }
    WriteCapture = { actions = ["s3:PutObject"], resources = ["${local.data_bucket_arn}/data-capture/*"] }
    WriteLogs    = { actions = local.write_logs, resources = ["${local.log_group_prefix}/aws/sagemaker/Endpoints/${local.endpoint}:*"] }
    PullImages   = { actions = local.pull_image, resources = [local.serving_repository_arn, local.builtin_repository_arn] }
  }
  account_wide_actions = ["cloudwatch:PutMetricData", "ecr:GetAuthorizationToken"]
}

module "serialize_image_role" {
  source = "./modules/iam_role"

  name        = local.functions.serialize_image
  description = "Reads pictures."
  service     = "lambda.amazonaws.com"
  account_id  = local.account_id
  grants = {
    ListData  = { actions = ["s3:ListBucket"], resources = [local.data_bucket_arn] } # tells a missing picture from a forbidden one
    ReadData  = { actions = ["s3:GetObject"], resources = ["${local.data_bucket_arn}/*"] }
    WriteLogs = { actions = local.write_logs, resources = [local.function_log_arns.serialize_image] }
  }
}

module "classify_image_role" {
  source = "./modules/iam_role"

  name        = local.functions.classify_image
  description = "Asks the endpoint; reads pictures that are too large to travel."
  service     = "lambda.amazonaws.com"
  account_id  = local.account_id
  grants = {
    InvokeEndpoint = { actions = ["sagemaker:InvokeEndpoint"], resources = [local.endpoint_arn] }
    ListData       = { actions = ["s3:ListBucket"], resources = [local.data_bucket_arn] }
    ReadData       = { actions = ["s3:GetObject"], resources = ["${local.data_bucket_arn}/*"] }
    WriteLogs      = { actions = local.write_logs, resources = [local.function_log_arns.classify_image] }
  }
}

module "filter_confidence_role" {
  source = "./modules/iam_role"

  name        = local.functions.filter_confidence
  description = "Computes; touches nothing but its log."
  service     = "lambda.amazonaws.com"
  account_id  = local.account_id
  grants = {
    WriteLogs = { actions = local.write_logs, resources = [local.function_log_arns.filter_confidence] }
  }
}

module "notify_failure_role" {
  source = "./modules/iam_role"

  name        = local.functions.notify_failure
  description = "Tells of failed executions: asks why, publishes once, and marks what it has told."
  service     = "lambda.amazonaws.com"
  account_id  = local.account_id
  grants = {
    DescribeExecutions = { actions = ["states:DescribeExecution"], resources = [local.executions_arn] }
    MarkNotices        = { actions = ["s3:DeleteObject", "s3:GetObject", "s3:PutObject"], resources = ["${local.data_bucket_arn}/notices/*"] }
    Publish            = { actions = ["sns:Publish"], resources = [local.alerts_topic_arn] }
    WriteLogs          = { actions = local.write_logs, resources = [local.function_log_arns.notify_failure] }
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
    HandRoleOver = { actions = ["iam:PassRole"], resources = [local.drift_job_role_arn] }
    StartJobs    = { actions = ["sagemaker:AddTags", "sagemaker:CreateProcessingJob"], resources = ["arn:aws:sagemaker:${local.place}:processing-job/${local.prefix}-drift-*"] }
  }
}

module "drift_job_role" {
  source   = "./modules/iam_role"
  for_each = local.drift_monitor

  name        = local.drift_job_role
  description = "Measures drift: reads captured traffic and the model, writes what it finds."
  service     = "sagemaker.amazonaws.com"
  account_id  = local.account_id
  grants = {
    ListData     = { actions = ["s3:ListBucket"], resources = [local.data_bucket_arn] }
    ReadTraffic  = { actions = ["s3:GetObject"], resources = [for folder in ["code", "data-capture", "models"] : "${local.data_bucket_arn}/${folder}/*"] }
    WriteResults = { actions = ["s3:PutObject"], resources = ["${local.data_bucket_arn}/drift/*"] }
    WriteLogs    = { actions = local.write_new_logs, resources = local.processing_log_arns }
    PullImages   = { actions = local.pull_image, resources = [local.training_repository_arn] }
  }
  account_wide_actions = ["ecr:GetAuthorizationToken"]
  metric_namespaces    = [local.metric_namespace, "/aws/sagemaker/ProcessingJobs"]
}

module "classify_role" {
  source = "./modules/iam_role"

  name        = local.state_machine
  description = "Runs the workflow: calls its functions, routes drivers, asks people."
  service     = "states.amazonaws.com"
  account_id  = local.account_id
  grants = {
    AskPeople       = { actions = ["sqs:SendMessage"], resources = [local.review_queue_arn] }
    InvokeFunctions = { actions = ["lambda:InvokeFunction"], resources = [for step in sort(local.steps) : local.function_arns[step]] }
    RouteDrivers    = { actions = ["events:PutEvents"], resources = [local.event_bus_arn] }
  }
  account_wide_actions = local.deliver_logs
}

locals {
  write_logs     = ["logs:CreateLogStream", "logs:PutLogEvents"]
  write_new_logs = concat(["logs:CreateLogGroup", "logs:DescribeLogStreams"], local.write_logs)
  pull_image     = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]

  training_data_arns = [
    for key in ["code/*", "train/*", "validation/*", "test/*", "pretraining/*", "train.lst", "validation.lst", "manifest.json"] :
    "${local.data_bucket_arn}/${key}"
  ]

  # All training jobs of an account share one log group, which SageMaker makes, and so do all processing jobs.
  training_log_arns   = ["${local.log_group_prefix}/aws/sagemaker/TrainingJobs", "${local.log_group_prefix}/aws/sagemaker/TrainingJobs:*"]
  processing_log_arns = ["${local.log_group_prefix}/aws/sagemaker/ProcessingJobs", "${local.log_group_prefix}/aws/sagemaker/ProcessingJobs:*"]

  executions_arn     = "arn:aws:states:${local.place}:execution:${local.state_machine}:*"
  drift_job_role     = "${local.prefix}-drift-job"
  drift_job_role_arn = "arn:aws:iam::${local.account_id}:role/${local.drift_job_role}"

  # What Step Functions needs to log to CloudWatch; AWS names no resource for any of it.
  deliver_logs = [
    "logs:CreateLogDelivery", "logs:DeleteLogDelivery", "logs:DescribeLogGroups", "logs:DescribeResourcePolicies",
    "logs:GetLogDelivery", "logs:ListLogDeliveries", "logs:PutResourcePolicy", "logs:UpdateLogDelivery",
  ]
}
