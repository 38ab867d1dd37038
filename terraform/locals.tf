data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

# Names are decided here and ARNs follow from them. So a grant needs no reference to the resource
# that it opens, and a plan shows whole ARNs.
locals {
  prefix     = "scones-${var.environment}"
  account_id = data.aws_caller_identity.current.account_id
  partition  = data.aws_partition.current.partition
  tags       = merge(var.tags, { project = "scones", environment = var.environment })

  data_bucket         = "${local.prefix}-data-${local.account_id}"
  endpoint            = "${local.prefix}-classifier"
  state_machine       = "${local.prefix}-classify"
  event_bus           = "${local.prefix}-drivers"
  alerts_topic        = "${local.prefix}-alerts"
  model_package_group = "${local.prefix}-models"

  # The functions by file name: the steps of the workflow, and the one that reports its failures.
  steps = ["serialize_image", "classify_image", "filter_confidence"]
  functions = {
    for name in concat(local.steps, ["notify_failure"]) :
    name => "${local.prefix}-${replace(name, "_", "-")}"
  }

  variant             = "AllTraffic"
  endpoint_log_group  = "/aws/sagemaker/Endpoints/${local.endpoint}"
  endpoint_dimensions = { EndpointName = local.endpoint, VariantName = local.variant }

  # What a command in a message needs to name its target.
  on_target = var.environment == "local" ? "" : " TARGET=${var.environment}"

  # Each route with its classes, and each queue with the ARNs of the rules that may fill it.
  routes       = { for class, route in var.classes : route => class... }
  route_queues = { for route in keys(local.routes) : route => [local.rule_arns[route]] }
  queues       = merge(local.route_queues, { review = [] })

  # The classes of the settings; those of the live model may differ until it is trained again.
  classes       = keys(var.classes)
  model_classes = try(tolist(var.model.classes), local.classes)

  # The threshold of the settings, otherwise the model's own. Without either no answer is accepted.
  model_threshold     = try(var.model.threshold, null)
  threshold           = try(coalesce(var.confidence_threshold, local.model_threshold), null)
  effective_threshold = coalesce(local.threshold, 1)

  # What an ARN of this account and region begins with, by service.
  arn_prefix = {
    for service in [
      "cloudwatch", "events", "lambda", "logs", "sagemaker", "sns", "sqs", "states",
    ] : service => "arn:${local.partition}:${service}:${var.region}:${local.account_id}"
  }

  alerts_topic_arn  = "${local.arn_prefix.sns}:${local.alerts_topic}"
  state_machine_arn = "${local.arn_prefix.states}:stateMachine:${local.state_machine}"
  data_bucket_arn   = "arn:${local.partition}:s3:::${local.data_bucket}"
  endpoint_arn      = "${local.arn_prefix.sagemaker}:endpoint/${local.endpoint}"
  event_bus_arn     = "${local.arn_prefix.events}:event-bus/${local.event_bus}"
  review_queue_arn  = "${local.arn_prefix.sqs}:${local.prefix}-review"
  log_group_prefix  = "${local.arn_prefix.logs}:log-group:"

  function_arns = {
    for key, name in local.functions : key => "${local.arn_prefix.lambda}:function:${name}"
  }
  function_log_arns = {
    for key, name in local.functions : key => "${local.log_group_prefix}/aws/lambda/${name}:*"
  }
  rule_arns = {
    for route in keys(local.routes) :
    route => "${local.arn_prefix.events}:rule/${local.event_bus}/${local.prefix}-${route}"
  }
}
