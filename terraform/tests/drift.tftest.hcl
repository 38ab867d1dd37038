# The drift monitor on a schedule, and what its job may do.

mock_provider "aws" {
  source          = "./tests/mocks"
  override_during = plan
}

variables {
  environment = "dev"
  classes     = { bicycle = "nearby-orders", motorcycle = "distant-orders" }
  monitoring  = { drift_schedule = "rate(6 hours)" }

  model = {
    name            = "scones-dev-0a1b2c3d-20260101-120000-4e5f6a7b"
    data_url        = "s3://scones-dev-data-123456789012/models/job/output/model.tar.gz"
    image_uri       = "763104351884.dkr.ecr.us-east-1.amazonaws.com/ray:serve-ml-sagemaker-cpu-v1.4"
    algorithm       = "scones"
    training_job    = "scones-dev-0a1b2c3d-20260101-120000"
    artifact_sha256 = "4e5f6a7b"
    classes         = ["bicycle", "motorcycle"]
    threshold       = 0.93
    drawn           = false
    data            = { source = "cifar100", sha256 = "85cd44d0", fingerprint = "f0" }
    code_version    = "0.1.0"
    fingerprint     = "0a1b2c3d"
    metrics         = { test_accuracy = 0.94, test_accepted_accuracy = null }
    probes          = { "test/bike_s_000001.png" = [0.98, 0.02] }
  }
}

run "a_model_of_the_built_in_algorithm_has_no_embeddings_to_compare" {
  command = plan

  variables {
    model = merge(var.model, { algorithm = "image-classification" })
  }

  assert {
    condition     = length(aws_scheduler_schedule.drift) == 0
    error_message = "Only our own models compute embeddings."
  }
}

run "the_schedule_starts_a_processing_job_that_may_measure_drift_and_no_more" {
  command = plan

  assert {
    condition = (
      aws_scheduler_schedule.drift["drift"].schedule_expression == "rate(6 hours)"
      && aws_scheduler_schedule.drift["drift"].target[0].arn
      == "arn:aws:scheduler:::aws-sdk:sagemaker:createProcessingJob"
    )
    error_message = "The scheduler must call SageMaker directly."
  }

  assert {
    condition = (
      jsondecode(aws_scheduler_schedule.drift["drift"].target[0].input).ProcessingJobName
      == "scones-dev-drift-<aws.scheduler.execution-id>"
      ) && strcontains(
      aws_scheduler_schedule.drift["drift"].target[0].input, "<aws.scheduler.execution-id>"
    )
    error_message = "The scheduler must find its placeholder in plain angle brackets."
  }

  assert {
    condition = (
      jsondecode(aws_scheduler_schedule.drift["drift"].target[0].input).AppSpecification
      == {
        ImageUri = join("/", [
          "763104351884.dkr.ecr.us-east-1.amazonaws.com", "pytorch:2.13-cpu-amzn2023-sagemaker",
        ])
        ContainerEntrypoint = ["python3", "/opt/ml/processing/code/monitor.zip"]
        ContainerArguments = [
          "--bucket", "scones-dev-data-123456789012",
          "--endpoint", "scones-dev-classifier",
          "--namespace", "Scones/dev",
          "--images", "200",
          "--alpha", "0.001",
          "--model", "/opt/ml/processing/model/model.tar.gz",
        ]
      }
    )
    error_message = "The job must run the monitor on a CPU, with the settings' window and alpha."
  }

  assert {
    condition = {
      for input in jsondecode(
        aws_scheduler_schedule.drift["drift"].target[0].input
      ).ProcessingInputs : input.S3Input.LocalPath => input.S3Input.S3Uri
      } == {
      "/opt/ml/processing/code"  = "s3://scones-dev-data-123456789012/code/monitor.zip"
      "/opt/ml/processing/model" = var.model.data_url
    }
    error_message = "The job must receive its code and the model in service."
  }

  assert {
    condition = (
      aws_s3_object.drift_monitor["drift"].source_hash == filemd5("../build/monitor.zip")
    )
    error_message = "A changed monitor must show as a change."
  }

  assert {
    condition = {
      for statement in jsondecode(module.drift_schedule_role["drift"].policy).Statement :
      statement.Sid => { actions = statement.Action, resources = statement.Resource }
      } == {
      PassJobRole = {
        actions   = ["iam:PassRole"]
        resources = ["arn:aws:iam::123456789012:role/scones-dev-drift-job"]
      }
      StartJobs = {
        actions = ["sagemaker:AddTags", "sagemaker:CreateProcessingJob"]
        resources = [
          "arn:aws:sagemaker:us-east-1:123456789012:processing-job/scones-dev-drift-*",
        ]
      }
    }
    error_message = "The scheduler must only start jobs of this name with this role."
  }

  assert {
    condition = {
      for statement in jsondecode(module.drift_job_role["drift"].policy).Statement :
      statement.Sid => statement.Resource
      if contains(["ReadTraffic", "WriteResults", "WriteLogs"], statement.Sid)
      } == {
      ReadTraffic = [
        "arn:aws:s3:::scones-dev-data-123456789012/code/*",
        "arn:aws:s3:::scones-dev-data-123456789012/data-capture/*",
        "arn:aws:s3:::scones-dev-data-123456789012/models/*",
      ]
      WriteResults = ["arn:aws:s3:::scones-dev-data-123456789012/drift/*"]
      WriteLogs = [
        "arn:aws:logs:us-east-1:123456789012:log-group:/aws/sagemaker/ProcessingJobs",
        "arn:aws:logs:us-east-1:123456789012:log-group:/aws/sagemaker/ProcessingJobs:*",
      ]
    }
    error_message = "The job must read captures and models, and write results and its log only."
  }

  assert {
    condition = [
      for statement in jsondecode(module.drift_job_role["drift"].policy).Statement :
      statement.Condition.StringEquals["cloudwatch:namespace"]
      if statement.Sid == "PublishMetrics"
    ] == [["Scones/dev", "/aws/sagemaker/ProcessingJobs"]]
    error_message = "The job must publish metrics in its environment's and SageMaker's namespace."
  }
}
