# What the grants of iam.tf have in common.
locals {
  write_logs     = ["logs:CreateLogStream", "logs:PutLogEvents"]
  write_new_logs = concat(["logs:CreateLogGroup", "logs:DescribeLogStreams"], local.write_logs)
  pull_image = [
    "ecr:BatchCheckLayerAvailability",
    "ecr:BatchGetImage",
    "ecr:GetDownloadUrlForLayer",
  ]

  training_data_arns = [
    for key in [
      "code/*", "train/*", "validation/*", "test/*", "pretraining/*",
      "train.lst", "validation.lst", "manifest.json",
    ] : "${local.data_bucket_arn}/${key}"
  ]
  drift_data_arns = [
    for prefix in ["code", "data-capture", "models"] : "${local.data_bucket_arn}/${prefix}/*"
  ]

  # All training jobs of an account share one log group, which SageMaker creates, and so do all
  # processing jobs.
  training_log_group   = "${local.log_group_prefix}/aws/sagemaker/TrainingJobs"
  processing_log_group = "${local.log_group_prefix}/aws/sagemaker/ProcessingJobs"
  training_log_arns    = [local.training_log_group, "${local.training_log_group}:*"]
  processing_log_arns  = [local.processing_log_group, "${local.processing_log_group}:*"]

  executions_arn     = "${local.arn_prefix.states}:execution:${local.state_machine}:*"
  role_arn_prefix    = "arn:${local.partition}:iam::${local.account_id}:role/"
  drift_job_role     = "${local.prefix}-drift-job"
  drift_job_role_arn = "${local.role_arn_prefix}${local.drift_job_role}"

  # Step Functions needs these to log to CloudWatch; AWS names no resource for any of them.
  deliver_logs = [
    "logs:CreateLogDelivery",
    "logs:DeleteLogDelivery",
    "logs:DescribeLogGroups",
    "logs:DescribeResourcePolicies",
    "logs:GetLogDelivery",
    "logs:ListLogDeliveries",
    "logs:PutResourcePolicy",
    "logs:UpdateLogDelivery",
  ]
}
