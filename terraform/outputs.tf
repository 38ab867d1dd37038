output "account_id" {
  description = "Account that everything stands in."
  value       = local.account_id
}

output "builtin" {
  description = "The built-in image-classification algorithm: its image and hyperparameters."
  value = {
    image_uri       = local.builtin_image_uri
    hyperparameters = local.builtin_hyperparameters
  }
}

output "classes" {
  description = "What the model tells apart, sorted: the place of a class is its label."
  value       = local.classes
}

output "confidence_threshold" {
  description = "Probability from which a picture's class is trusted: the settings' one, otherwise the model's; null without either."
  value       = local.threshold
}

output "data_bucket" {
  description = "Bucket of data, models, checkpoints, uploads and captured traffic."
  value       = module.data.name
}

output "endpoint" {
  description = "The endpoint's names; config_name is null without a model."
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
  description = "Event bus that vehicles are announced on."
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
  description = "The model that is served, as it was handed over; null without one."
  value       = var.model
}

output "quality_gate" {
  description = "What a trained model must reach to be handed over."
  value       = var.quality_gate
}

output "model_package_group" {
  description = "Group of the model registry in which every trained model is a version."
  value       = aws_sagemaker_model_package_group.models.model_package_group_name
}

output "monitoring" {
  description = "Where to look: metrics, topic, dashboard, each alarm's name by its key, and how drift is measured."
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

output "queues" {
  description = "URL of each route's queue, and of the review queue."
  value       = { for name, queue in aws_sqs_queue.this : name => queue.url }
}

output "region" {
  description = "AWS region of every resource."
  value       = var.region
}

output "serving" {
  description = "Images that serve our own artifacts and the built-in algorithm's, and the instance type."
  value = {
    image_uri         = local.serving_image_uri
    builtin_image_uri = local.builtin_image_uri
    instance_type     = var.serving.instance_type
  }
}

output "settings_sha256" {
  description = "SHA-256 of the settings file that this was built from."
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
  description = "Share of the accepted answers that should be right."
  value       = var.target_precision
}

output "training" {
  description = "How a training job runs."
  value = {
    role_arn           = module.training_role.arn
    image_uri          = local.training_image_uri
    instance_type      = var.training.instance_type
    instance_count     = var.training.instance_count
    volume_gb          = var.training.volume_gb
    spot               = var.training.spot
    max_run_seconds    = var.training.max_run_seconds
    max_wait_seconds   = var.training.max_wait_seconds
    validation_share   = var.training.validation_share
    pretraining        = var.training.pretraining
    use_reviewed       = var.training.use_reviewed
    seed               = var.training.seed
    hyperparameters    = local.hyperparameters
    metric_definitions = local.metric_definitions
    tags               = local.tags
  }
}
