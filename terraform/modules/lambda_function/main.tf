resource "aws_lambda_function" "this" {
  function_name    = var.name
  role             = var.role_arn
  runtime          = "python3.12"
  architectures    = ["arm64"]
  handler          = var.handler
  filename         = var.filename
  source_code_hash = filebase64sha256(var.filename)
  timeout          = var.timeout
  memory_size      = var.memory_size

  dynamic "environment" {
    for_each = length(var.environment) == 0 ? {} : { this = var.environment }

    content {
      variables = environment.value
    }
  }

  # A log group that Lambda creates never expires and outlives a destroy.
  depends_on = [aws_cloudwatch_log_group.this]
}

resource "aws_cloudwatch_log_group" "this" {
  name              = "/aws/lambda/${var.name}"
  retention_in_days = var.log_retention_days
}
