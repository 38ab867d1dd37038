# What serves a model: names, capture, log.

mock_provider "aws" {}

variables {
  name = "scones-dev-classifier"
  model = {
    name      = "job-4e5f6a7b"
    data_url  = "s3://bucket/models/job/output/model.tar.gz"
    image_uri = "image"
  }
  role_arn           = "arn:aws:iam::123456789012:role/scones-dev-serving"
  instance_count     = 2
  instance_type      = "ml.m5.large"
  startup_seconds    = 300
  capture_percent    = 100
  capture_url        = "s3://bucket/data-capture"
  log_retention_days = 30
}

run "names_follow_the_model" {
  command = plan

  module {
    source = "./modules/endpoint"
  }

  assert {
    condition = (
      startswith(local.config_name, "job-4e5f6a7b-")
      && keys(aws_sagemaker_model.this) == [local.config_name]
      && keys(aws_sagemaker_endpoint_configuration.this) == [local.config_name]
    )
    error_message = "Model and configuration must be named after the model."
  }

  assert {
    condition = (
      aws_sagemaker_endpoint.this.endpoint_config_name == local.config_name
      && flatten([
        for configuration in aws_sagemaker_endpoint_configuration.this :
        configuration.production_variants[*].model_name
      ]) == [local.config_name]
    )
    error_message = "The endpoint must serve the model through its configuration."
  }

  assert {
    condition     = aws_sagemaker_endpoint.this.name == "scones-dev-classifier"
    error_message = "The endpoint's name must not depend on the model."
  }

  assert {
    condition = flatten([
      for configuration in aws_sagemaker_endpoint_configuration.this :
      configuration.production_variants[*].container_startup_health_check_timeout_in_seconds
    ]) == [300]
    error_message = "The container must have time to start."
  }

  assert {
    condition = (
      aws_cloudwatch_log_group.this.name == "/aws/sagemaker/Endpoints/scones-dev-classifier"
      && aws_cloudwatch_log_group.this.retention_in_days == 30
    )
    error_message = "The endpoint's log group must be managed here, and expire."
  }

  assert {
    condition = [
      for capture in one(values(aws_sagemaker_endpoint_configuration.this)).data_capture_config : {
        enabled = capture.enable_capture
        percent = capture.initial_sampling_percentage
        to      = capture.destination_s3_uri
        modes   = [for option in capture.capture_options : option.capture_mode]
      }
      ] == [{
        enabled = true
        percent = 100
        to      = "s3://bucket/data-capture"
        modes   = ["Input", "Output"]
    }]
    error_message = "Every request and response must be captured."
  }
}

run "the_same_model_on_other_instances_is_another_configuration" {
  command = plan

  module {
    source = "./modules/endpoint"
  }

  variables {
    instance_type = "ml.m5.xlarge"
  }

  assert {
    condition     = local.config_name != run.names_follow_the_model.config_name
    error_message = "A configuration cannot be changed: other settings need another name."
  }
}

run "the_same_model_with_another_threshold_is_another_pair" {
  command = plan

  module {
    source = "./modules/endpoint"
  }

  variables {
    environment = { SCONES_THRESHOLD = "0.8" }
  }

  assert {
    condition = (
      local.config_name != run.names_follow_the_model.config_name
      && one(aws_sagemaker_model.this[local.config_name].primary_container).environment
      == tomap({ SCONES_THRESHOLD = "0.8" })
    )
    error_message = "What the container states about the model must change with the endpoint."
  }
}

run "capture_can_be_turned_off" {
  command = plan

  module {
    source = "./modules/endpoint"
  }

  variables {
    capture_percent = 0
  }

  assert {
    condition = !one(
      one(values(aws_sagemaker_endpoint_configuration.this)).data_capture_config
    ).enable_capture
    error_message = "At 0 percent nothing must be captured."
  }
}
