# Bucket, function and state machine on their own.

mock_provider "aws" {
  source          = "./tests/mocks"
  override_during = plan
}

run "the_bucket_is_private_versioned_and_has_md5_etags" {
  command = plan

  module {
    source = "./modules/bucket"
  }

  variables {
    name = "scones-dev-data-123456789012"
  }

  assert {
    condition     = one(aws_s3_bucket_versioning.this.versioning_configuration).status == "Enabled"
    error_message = "Old versions must be kept."
  }

  assert {
    condition = one(flatten([
      for rule in aws_s3_bucket_server_side_encryption_configuration.this.rule :
      rule.apply_server_side_encryption_by_default[*].sse_algorithm
    ])) == "AES256"
    error_message = "Keys must be S3's own: otherwise an ETag is not the MD5 of the content."
  }

  assert {
    condition = (
      aws_s3_bucket_public_access_block.this.block_public_acls
      && aws_s3_bucket_public_access_block.this.block_public_policy
      && aws_s3_bucket_public_access_block.this.ignore_public_acls
      && aws_s3_bucket_public_access_block.this.restrict_public_buckets
    )
    error_message = "Nothing in the bucket may become public."
  }

  assert {
    condition = jsondecode(aws_s3_bucket_policy.this.policy).Statement == [{
      Sid       = "DenyInsecureTransport"
      Effect    = "Deny"
      Principal = "*"
      Action    = "s3:*"
      Resource = [
        "arn:aws:s3:::scones-dev-data-123456789012",
        "arn:aws:s3:::scones-dev-data-123456789012/*",
      ]
      Condition = { Bool = { "aws:SecureTransport" = "false" } }
    }]
    error_message = "Requests without TLS must be denied."
  }

  assert {
    condition     = length(aws_s3_bucket_lifecycle_configuration.this) == 0
    error_message = "Nothing may expire unless the settings say so."
  }
}

run "expired_objects_expire_in_every_version" {
  command = plan

  module {
    source = "./modules/bucket"
  }

  variables {
    name            = "scones-dev-data-123456789012"
    expiration_days = { "data-capture/" = 30 }
  }

  assert {
    condition = [
      for rule in aws_s3_bucket_lifecycle_configuration.this["expiration"].rule : {
        prefix     = rule.filter[0].prefix
        days       = rule.expiration[0].days
        noncurrent = rule.noncurrent_version_expiration[0].noncurrent_days
      }
    ] == [{ prefix = "data-capture/", days = 30, noncurrent = 1 }]
    error_message = "Captured traffic must expire, and its old versions with it."
  }
}

run "a_function_runs_its_zip_and_manages_its_log_group" {
  command = plan

  module {
    source = "./modules/lambda_function"
  }

  variables {
    name               = "scones-dev-serialize-image"
    handler            = "serialize_image.lambda_handler"
    filename           = "../build/functions/serialize_image.zip"
    role_arn           = "arn:aws:iam::123456789012:role/scones-dev-serialize-image"
    timeout            = 20
    memory_size        = 256
    log_retention_days = 30
  }

  assert {
    condition = (
      aws_lambda_function.this.source_code_hash
      == filebase64sha256("../build/functions/serialize_image.zip")
    )
    error_message = "A changed zip must show as a change."
  }

  assert {
    condition = (
      aws_cloudwatch_log_group.this.name == "/aws/lambda/scones-dev-serialize-image"
      && aws_cloudwatch_log_group.this.retention_in_days == 30
    )
    error_message = "The function's log group must be managed here, and expire."
  }
}

run "a_state_machine_logs_its_failures_without_the_images" {
  command = plan

  module {
    source = "./modules/state_machine"
  }

  variables {
    name               = "scones-dev-classify"
    role_arn           = "arn:aws:iam::123456789012:role/scones-dev-classify"
    definition         = "{}"
    log_retention_days = 30
  }

  assert {
    condition = (
      one(aws_sfn_state_machine.this.logging_configuration).level == "ERROR"
      && !one(aws_sfn_state_machine.this.logging_configuration).include_execution_data
    )
    error_message = "Failures must be logged, the images in the executions must not."
  }

  assert {
    condition = (
      aws_cloudwatch_log_group.this.name == "/aws/vendedlogs/states/scones-dev-classify"
      && aws_cloudwatch_log_group.this.retention_in_days == 30
    )
    error_message = "The state machine's log group must be managed here, and expire."
  }
}
