# The zips are built before the plan, by the verb that runs Terraform. Their bytes are the same on
# every machine, so that an unchanged function shows no difference.
module "serialize_image" {
  source = "./modules/lambda_function"

  name               = local.functions.serialize_image
  handler            = "serialize_image.lambda_handler"
  filename           = "${path.module}/../build/functions/serialize_image.zip"
  role_arn           = module.serialize_image_role.arn
  timeout            = 20
  memory_size        = 256
  log_retention_days = var.retention.log_days
}

module "classify_image" {
  source = "./modules/lambda_function"

  name               = local.functions.classify_image
  handler            = "classify_image.lambda_handler"
  filename           = "${path.module}/../build/functions/classify_image.zip"
  role_arn           = module.classify_image_role.arn
  timeout            = 45
  memory_size        = 256
  log_retention_days = var.retention.log_days
  environment        = { ENDPOINT_NAME = local.endpoint }
}

module "filter_confidence" {
  source = "./modules/lambda_function"

  name               = local.functions.filter_confidence
  handler            = "filter_confidence.lambda_handler"
  filename           = "${path.module}/../build/functions/filter_confidence.zip"
  role_arn           = module.filter_confidence_role.arn
  timeout            = 5
  memory_size        = 128
  log_retention_days = var.retention.log_days
  environment        = local.fallback

  # The fallback names the answers of the model in service: it changes after the endpoint, and not
  # at all if the endpoint's update fails.
  depends_on = [module.endpoint]
}

module "notify_failure" {
  source = "./modules/lambda_function"

  name               = local.functions.notify_failure
  handler            = "notify_failure.lambda_handler"
  filename           = "${path.module}/../build/functions/notify_failure.zip"
  role_arn           = module.notify_failure_role.arn
  timeout            = 60
  memory_size        = 128
  log_retention_days = var.retention.log_days
  environment = {
    BUCKET    = local.data_bucket
    TOPIC_ARN = local.alerts_topic_arn
    ON_TARGET = local.on_target
  }
}

locals {
  # Our models say in every answer whose it is. The built-in algorithm says nothing: filter_confidence
  # knows the threshold and the classes of such a model from here.
  fallback = var.model == null || local.model_is_ours ? {} : {
    FALLBACK = jsonencode({
      model     = var.model.name
      threshold = local.effective_threshold
      classes   = var.model.classes
    })
  }
}
