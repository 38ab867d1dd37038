module "classify" {
  source = "./modules/state_machine"

  name               = local.state_machine
  role_arn           = module.classify_role.arn
  definition         = local.definition
  log_retention_days = var.retention.log_days
}

resource "aws_cloudwatch_event_bus" "drivers" {
  name = local.event_bus
}

resource "aws_cloudwatch_event_rule" "route" {
  for_each = local.routes

  name           = "${local.prefix}-${each.key}"
  description    = "Drivers for ${join(", ", each.value)}."
  event_bus_name = aws_cloudwatch_event_bus.drivers.name

  event_pattern = jsonencode({
    source      = ["scones.workflow"]
    detail-type = ["Vehicle classified"]
    detail      = { label = each.value }
  })
}

resource "aws_cloudwatch_event_target" "route" {
  for_each = local.routes

  rule           = aws_cloudwatch_event_rule.route[each.key].name
  event_bus_name = aws_cloudwatch_event_bus.drivers.name
  arn            = aws_sqs_queue.this[each.key].arn
}

resource "aws_sqs_queue" "this" {
  for_each = local.queues

  name                      = "${local.prefix}-${each.key}"
  message_retention_seconds = local.message_days * 24 * 3600
  sqs_managed_sse_enabled   = true
  policy                    = local.queue_policies[each.key]
}

locals {
  definition = templatefile("${path.module}/../states/classify.asl.json", {
    serialize_image   = module.serialize_image.arn
    classify_image    = module.classify_image.arn
    filter_confidence = module.filter_confidence.arn
    partition         = local.partition
    event_bus         = local.event_bus
    review_queue_url  = aws_sqs_queue.this["review"].url
  })

  # Inline rather than as resources: the provider waits for each policy resource, one by one.
  queue_policies = {
    for name, rule_arns in local.queues :
    name => length(rule_arns) == 0 ? null : jsonencode({
      Version = "2012-10-17"
      Statement = [{
        Sid       = "DeliverRoutedDrivers"
        Effect    = "Allow"
        Principal = { Service = "events.amazonaws.com" }
        Action    = "sqs:SendMessage"
        Resource  = "${local.arn_prefix.sqs}:${local.prefix}-${name}"
        Condition = { ArnEquals = { "aws:SourceArn" = rule_arns } }
      }]
    })
  }
}
