module "endpoint" {
  source = "./modules/endpoint"
  count  = var.model == null ? 0 : 1

  name               = local.endpoint
  model              = var.model
  environment        = merge(local.attribution, local.health_check)
  role_arn           = module.serving_role.arn
  instance_count     = var.serving.instance_count
  instance_type      = var.serving.instance_type
  startup_seconds    = var.serving.startup_seconds
  capture_percent    = var.serving.capture_percent
  capture_url        = "s3://${module.data.name}/data-capture"
  log_retention_days = var.retention.log_days
}

locals {
  # Our model's answers carry its name and threshold, with the class names of its artifact
  # (python/container/serving/attribution.py). So both change with the endpoint, not before it.
  attribution = merge(
    var.model == null ? {} : { SCONES_MODEL = var.model.name },
    !local.model_is_ours ? {} : { SCONES_THRESHOLD = tostring(local.effective_threshold) },
  )

  # The path leads the health check of the Ray image past Ray's proxy, which is healthy before any
  # replica runs, to our application (python/container/serving/deployment.py).
  health_check = !local.model_is_ours ? {} : {
    RAYSERVE_BACKEND_URL = "http://127.0.0.1:8000/model"
  }
}

# A warning, not an error: after classes are added to the settings, the live model keeps serving
# until a new one is trained.
check "model_has_the_configured_classes" {
  assert {
    condition = try(var.model.classes == local.classes, var.model == null)
    error_message = join(" ", [
      "The model was trained on other classes than the settings name",
      "(${join(", ", local.classes)}); run `make stage train`.",
    ])
  }
}

# A warning, too: the override was a decision, and the plan shows it to its reviewer.
check "model_passed_its_gate" {
  assert {
    condition = !try(var.model.gate.forced, false)
    error_message = try(join(" ", [
      "The model ${var.model.name} missed its quality gate: ${join("; ", var.model.gate.missed)};",
      "it was handed over by force.",
    ]), "")
  }
}
