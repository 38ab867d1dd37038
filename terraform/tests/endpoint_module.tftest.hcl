# What serves a model: names, capture, log.

mock_provider "aws" {}

variables {
  name               = "scones-dev-classifier"
  model              = { name = "job-4e5f6a7b", data_url = "s3://bucket/models/job/output/model.tar.gz", image_uri = "image" }
  role_arn           = "arn:aws:iam::123456789012:role/scones-dev-serving"
  instance_count     = 2
  instance_type      = "ml.m5.large"
  startup_seconds    = 300
  capture_percent    = 100
  capture_url        = "s3://bucket/data-capture"
  log_retention_days = 30
}

run "model_and_configuration_follow_the_model_and_the_endpoint_keeps_its_name" {
  command = plan

  module {
    source = "./modules/endpoint"
  }

  assert {
    condition     = keys(aws_sagemaker_model.this) == ["job-4e5f6a7b"] && startswith(local.config_name, "job-4e5f6a7b-") && keys(aws_sagemaker_endpoint_configuration.this) == [local.config_name]
    error_message = "Model and configuration must be named after the model."
  }

  assert {
    condition     = aws_sagemaker_endpoint.this.endpoint_config_name == local.config_name && aws_sagemaker_endpoint_configuration.this[local.config_name].production_variants[0].model_name == "job-4e5f6a7b"
    error_message = "The endpoint must serve the model by its configuration."
  }

  assert {
    condition     = aws_sagemaker_endpoint.this.name == "scones-dev-classifier"
    error_message = "The endpoint's name must not depend on the model."
  }

  assert {
    condition     = aws_sagemaker_endpoint_configuration.this[local.config_name].production_variants[0].container_startup_health_check_timeout_in_seconds == 300
    error_message = "The container must get time to start."
  }

  assert {
    condition     = aws_cloudwatch_log_group.this.name == "/aws/sagemaker/Endpoints/scones-dev-classifier" && aws_cloudwatch_log_group.this.retention_in_days == 30
    error_message = "The endpoint's log group must be Terraform's own, and expire."
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
    condition     = local.config_name != run.model_and_configuration_follow_the_model_and_the_endpoint_keeps_its_name.config_name
    error_message = "A configuration cannot be changed, so changed settings must give it another name."
  }
}

run "all_traffic_is_captured_in_and_out" {
  command = plan

  module {
    source = "./modules/endpoint"
  }

  assert {
    condition = {
      enabled = one(aws_sagemaker_endpoint_configuration.this[local.config_name].data_capture_config).enable_capture
      percent = one(aws_sagemaker_endpoint_configuration.this[local.config_name].data_capture_config).initial_sampling_percentage
      to      = one(aws_sagemaker_endpoint_configuration.this[local.config_name].data_capture_config).destination_s3_uri
      modes   = [for option in one(aws_sagemaker_endpoint_configuration.this[local.config_name].data_capture_config).capture_options : option.capture_mode]
    } == { enabled = true, percent = 100, to = "s3://bucket/data-capture", modes = ["Input", "Output"] }
    error_message = "Every request and answer must be captured."
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
    condition     = !one(aws_sagemaker_endpoint_configuration.this[local.config_name].data_capture_config).enable_capture
    error_message = "At 0 percent nothing must be captured."
  }
}
