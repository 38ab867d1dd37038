# The drift monitor on a schedule: EventBridge Scheduler starts a SageMaker processing job directly.
resource "aws_scheduler_schedule" "drift" {
  for_each = local.drift_monitor

  name                = "${local.prefix}-drift"
  description         = "Compares captured images with the training images of ${each.value.name}."
  schedule_expression = var.monitoring.drift_schedule

  flexible_time_window {
    mode = "OFF"
  }

  target {
    arn      = "arn:${local.partition}:scheduler:::aws-sdk:sagemaker:createProcessingJob"
    role_arn = module.drift_schedule_role["drift"].arn

    # jsonencode escapes the angle brackets of the placeholder that the scheduler replaces.
    input = replace(replace(jsonencode(local.drift_job), "\\u003c", "<"), "\\u003e", ">")

    retry_policy {
      maximum_event_age_in_seconds = 3600
      maximum_retry_attempts       = 3
    }
  }
}

resource "aws_s3_object" "drift_monitor" {
  for_each = local.drift_monitor

  bucket       = module.data.name
  key          = local.drift_monitor_key
  source       = local.drift_monitor_zip
  source_hash  = filemd5(local.drift_monitor_zip)
  content_type = "application/zip"
}

locals {
  # A model of the built-in algorithm has no embeddings to compare.
  drift_is_scheduled = var.monitoring.drift_schedule != null && local.model_is_ours
  model_is_ours      = try(var.model.algorithm == "scones", false)
  drift_monitor      = local.drift_is_scheduled ? { drift = var.model } : {}

  drift_monitor_zip = "${path.module}/../build/monitor.zip" # built before the plan
  drift_monitor_key = "code/monitor.zip"
  drift_job_folder  = "/opt/ml/processing"

  drift_job_inputs = {
    code  = "s3://${local.data_bucket}/${local.drift_monitor_key}"
    model = try(var.model.data_url, null)
  }

  drift_job = {
    ProcessingJobName = "${local.prefix}-drift-<aws.scheduler.execution-id>"
    RoleArn           = local.drift_job_role_arn
    AppSpecification = {
      ImageUri            = local.drift_image_uri
      ContainerEntrypoint = ["python3", "${local.drift_job_folder}/code/monitor.zip"]
      ContainerArguments = [
        "--bucket", local.data_bucket,
        "--endpoint", local.endpoint,
        "--namespace", local.metric_namespace,
        "--images", tostring(var.monitoring.drift_images),
        "--alpha", tostring(var.monitoring.drift_alpha),
        "--model", "${local.drift_job_folder}/model/model.tar.gz",
      ]
    }
    Environment = { AWS_DEFAULT_REGION = var.region }
    ProcessingInputs = [
      for name, url in local.drift_job_inputs : {
        InputName = name
        S3Input = {
          S3Uri       = url
          LocalPath   = "${local.drift_job_folder}/${name}"
          S3DataType  = "S3Prefix"
          S3InputMode = "File"
        }
      }
    ]
    ProcessingResources = {
      ClusterConfig = {
        InstanceCount  = 1
        InstanceType   = var.monitoring.drift_instance_type
        VolumeSizeInGB = 30
      }
    }
    StoppingCondition = { MaxRuntimeInSeconds = 3600 }
    Tags              = [for key, value in local.tags : { Key = key, Value = value }]
  }
}
