# A model and an endpoint configuration cannot be changed, only replaced. Each is an instance of its own, by name: a plan says
# which one goes live, the endpoint moves before the old pair goes, and while it has not moved the way back stays open.
resource "aws_sagemaker_model" "this" {
  for_each = { (var.model.name) = var.model }

  name               = each.key
  execution_role_arn = var.role_arn

  primary_container {
    image          = each.value.image_uri
    model_data_url = each.value.data_url
  }

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_sagemaker_endpoint_configuration" "this" {
  for_each = { (local.config_name) = var.model.name }

  name = each.key

  production_variants {
    variant_name           = "AllTraffic"
    model_name             = aws_sagemaker_model.this[each.value].name
    instance_type          = var.instance_type
    initial_instance_count = var.instance_count

    container_startup_health_check_timeout_in_seconds = var.startup_seconds
  }

  data_capture_config {
    enable_capture              = var.capture_percent > 0
    initial_sampling_percentage = var.capture_percent
    destination_s3_uri          = var.capture_url

    capture_options {
      capture_mode = "Input"
    }

    capture_options {
      capture_mode = "Output"
    }

    # Answers are captured as they are; pictures, like all other types, as base64.
    capture_content_type_header {
      json_content_types = ["application/json"]
    }
  }

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_sagemaker_endpoint" "this" {
  name                 = var.name
  endpoint_config_name = aws_sagemaker_endpoint_configuration.this[local.config_name].name

  lifecycle {
    # SageMaker may roll an update back while the provider reports success. Without this the old pair, still in use, would go.
    postcondition {
      condition     = self.endpoint_config_name == local.config_name
      error_message = "SageMaker rolled the endpoint back to ${self.endpoint_config_name}, which keeps serving. Look at the log group /aws/sagemaker/Endpoints/${var.name}, then run `make train apply` with a model that starts."
    }
  }

  depends_on = [aws_cloudwatch_log_group.this]
}

# A group that SageMaker makes itself never expires and survives a destroy.
resource "aws_cloudwatch_log_group" "this" {
  name              = "/aws/sagemaker/Endpoints/${var.name}"
  retention_in_days = var.log_retention_days
}

locals {
  # The settings are part of the name, so that the same model on another instance type is another configuration.
  settings    = [var.instance_type, var.instance_count, var.startup_seconds, var.capture_percent, var.capture_url]
  config_name = "${var.model.name}-${substr(sha256(jsonencode(local.settings)), 0, 6)}"
}
