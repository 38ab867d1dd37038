# A model and an endpoint configuration cannot be changed, only replaced. With their name as key,
# the plan shows which pair goes live, and the old pair is deleted after the endpoint has moved.
resource "aws_sagemaker_model" "this" {
  for_each = { (local.config_name) = var.model }

  name               = each.key
  execution_role_arn = var.role_arn

  primary_container {
    image          = each.value.image_uri
    model_data_url = each.value.data_url
    environment    = var.environment
  }

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_sagemaker_endpoint_configuration" "this" {
  for_each = aws_sagemaker_model.this

  name = each.key

  production_variants {
    variant_name           = "AllTraffic"
    model_name             = each.value.name
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

    # Responses are captured as JSON; images, like all other types, as base64.
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
    # SageMaker may roll an update back while the provider reports success. Without this check
    # the old pair, which is still in use, would be deleted.
    postcondition {
      condition = self.endpoint_config_name == local.config_name
      error_message = join(" ", [
        "SageMaker rolled the endpoint back to ${self.endpoint_config_name}, which keeps serving.",
        "Look at the log group ${local.log_group},",
        "then run `make train apply` with a model that starts.",
      ])
    }
  }

  depends_on = [aws_cloudwatch_log_group.this]
}

# A log group that SageMaker creates never expires and outlives a destroy.
resource "aws_cloudwatch_log_group" "this" {
  name              = local.log_group
  retention_in_days = var.log_retention_days
}

locals {
  log_group = "/aws/sagemaker/Endpoints/${var.name}"

  # The name holds a digest of the settings: the same model on another instance type or with another
  # threshold needs another pair.
  settings = [
    var.environment,
    var.instance_type,
    var.instance_count,
    var.startup_seconds,
    var.capture_percent,
    var.capture_url,
  ]
  config_name = "${var.model.name}-${substr(sha256(jsonencode(local.settings)), 0, 6)}"
}
