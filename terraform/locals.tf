data "aws_caller_identity" "current" {}

# Names are decided here and ARNs follow from them: a grant needs no reference to what it opens, and a plan shows whole ARNs.
locals {
  prefix     = "scones-${var.environment}"
  account_id = data.aws_caller_identity.current.account_id
  place      = "${var.region}:${local.account_id}"
  tags       = merge(var.tags, { project = "scones", environment = var.environment })

  data_bucket   = "${local.prefix}-data-${local.account_id}"
  endpoint      = "${local.prefix}-classifier"
  state_machine = "${local.prefix}-classify"
  event_bus     = "${local.prefix}-drivers"
  alerts_topic  = "${local.prefix}-alerts"

  model_package_group = "${local.prefix}-models"

  # The steps of the workflow, and all functions.
  steps     = ["serialize_image", "classify_image", "filter_confidence"]
  functions = { for name in concat(local.steps, ["notify_failure"]) : name => "${local.prefix}-${replace(name, "_", "-")}" }

  variant             = "AllTraffic"
  endpoint_log_group  = "/aws/sagemaker/Endpoints/${local.endpoint}"
  endpoint_dimensions = { EndpointName = local.endpoint, VariantName = local.variant }

  # How a command that a user is told to type names its target, and for how long a queue keeps a message.
  on_target    = var.environment == "local" ? "" : " TARGET=${var.environment}"
  message_days = 14

  # Each route with its classes, and each queue with the ARNs of the rules that may fill it.
  routes = { for class, route in var.classes : route => class... }
  queues = merge({ for route in keys(local.routes) : route => [local.rule_arns[route]] }, { review = [] })

  # What the settings name, and what the answers of the model in service stand for.
  classes          = keys(var.classes)
  answered_classes = try(tolist(var.model.classes), local.classes)

  # The settings' threshold, otherwise the model's own. While there is neither, no answer is trusted.
  threshold    = var.confidence_threshold != null ? var.confidence_threshold : try(var.model.threshold, null)
  trusted_from = coalesce(local.threshold, 1)

  alerts_topic_arn  = "arn:aws:sns:${local.place}:${local.alerts_topic}"
  state_machine_arn = "arn:aws:states:${local.place}:stateMachine:${local.state_machine}"
  data_bucket_arn   = "arn:aws:s3:::${local.data_bucket}"
  endpoint_arn      = "arn:aws:sagemaker:${local.place}:endpoint/${local.endpoint}"
  event_bus_arn     = "arn:aws:events:${local.place}:event-bus/${local.event_bus}"
  review_queue_arn  = "arn:aws:sqs:${local.place}:${local.prefix}-review"
  log_group_prefix  = "arn:aws:logs:${local.place}:log-group:"
  function_arns     = { for key, name in local.functions : key => "arn:aws:lambda:${local.place}:function:${name}" }
  function_log_arns = { for key, name in local.functions : key => "${local.log_group_prefix}/aws/lambda/${name}:*" }
  rule_arns         = { for route in keys(local.routes) : route => "arn:aws:events:${local.place}:rule/${local.event_bus}/${local.prefix}-${route}" }
}
