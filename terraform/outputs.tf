output "account_id" {
  description = "Account of every resource."
  value       = local.account_id
}

output "builtin" {
  description = "The built-in image-classification algorithm: container image and hyperparameters."
  value = {
    image_uri       = local.builtin_image_uri
    hyperparameters = local.builtin_hyperparameters
  }
}

output "classes" {
  description = "Classes of the model, sorted: the index of a class is its label."
  value       = local.classes
}

output "confidence_threshold" {
  description = "Probability from which a class is accepted: the settings', else the model's."
  value       = local.threshold
}

output "data_bucket" {
  description = "Bucket of data, models, checkpoints, uploads and captured traffic."
  value       = module.data.name
}

output "endpoint" {
  description = "Names of the endpoint; config_name is null without a model."
  value = {
    name        = local.endpoint
    config_name = one(module.endpoint[*].config_name)
    variant     = local.variant
    log_group   = local.endpoint_log_group
  }
}

output "environment" {
  description = "Name of the environment."
  value       = var.environment
}

output "event_bus" {
  description = "Event bus that receives the classified vehicles."
  value       = aws_cloudwatch_event_bus.drivers.name
}

output "functions" {
  description = "ARN of each function, by the name of its file."
  value = {
    serialize_image   = module.serialize_image.arn
    classify_image    = module.classify_image.arn
    filter_confidence = module.filter_confidence.arn
    notify_failure    = module.notify_failure.arn
  }
}

output "model" {
  description = "The model in service, as `make train` handed it over; null without one."
  value       = var.model
}

output "model_package_group" {
  description = "Group of the model registry in which every trained model is a version."
  value       = aws_sagemaker_model_package_group.models.model_package_group_name
}

output "monitoring" {
  description = "Metric namespace, topic, dashboard, alarm names by key, drift settings."
  value = {
    namespace = local.metric_namespace
    topic_arn = aws_sns_topic.alerts.arn
    dashboard = aws_cloudwatch_dashboard.workflow.dashboard_name
    alarms    = module.alarms.names
    drift = {
      images   = var.monitoring.drift_images
      alpha    = var.monitoring.drift_alpha
      schedule = var.monitoring.drift_schedule
    }
  }
}

output "quality_gate" {
  description = "Limits that a trained model must meet to be handed over."
  value       = var.quality_gate
}

output "queues" {
  description = "URL of each queue, by route; the review queue by \"review\"."
  value       = { for name, queue in aws_sqs_queue.this : name => queue.url }
}

output "region" {
  description = "AWS region of every resource."
  value       = var.region
}

output "requirements" {
  description = "What the account must have: container images to pull, and SageMaker's quotas."
  value = {
    container_images = [
      local.training_image_uri, local.serving_image_uri, local.builtin_image_uri,
      local.drift_image_uri,
    ]
    # Instances by the name of their quota. An update of the endpoint starts the new instances
    # before it stops the old ones.
    quotas = merge(
      { "${var.serving.instance_type} for endpoint usage" = 2 * var.serving.instance_count },
      {
        join(" ", [
          var.training.instance_type, "for", var.training.spot ? "spot training" : "training",
          "job usage",
        ]) = var.training.instance_count
      },
      var.monitoring.drift_schedule == null ? {} : {
        "${var.monitoring.drift_instance_type} for processing job usage" = 1
      },
    )
  }
}

output "serving" {
  description = "Container images for our models and the built-in algorithm's, and instance type."
  value = {
    image_uri         = local.serving_image_uri
    builtin_image_uri = local.builtin_image_uri
    instance_type     = var.serving.instance_type
  }
}

output "settings_sha256" {
  description = "SHA-256 of the settings file that was applied."
  value       = filesha256("${path.module}/targets/${var.environment}.tfvars")
}

output "state_machine_arn" {
  description = "ARN of the workflow."
  value       = module.classify.arn
}

output "tags" {
  description = "Tags on every resource."
  value       = local.tags
}

output "target_precision" {
  description = "Share of the accepted answers that should be correct."
  value       = var.target_precision
}

output "training" {
  description = "How a training job runs: the settings, with what follows from them."
  value = merge({ for name, value in var.training : name => value if name != "image" }, {
    role_arn           = module.training_role.arn
    image_uri          = local.training_image_uri
    hyperparameters    = local.hyperparameters
    metric_definitions = local.metric_definitions
    tags               = local.tags
  })
}
