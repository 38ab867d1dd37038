variable "classes" {
  description = "What the model tells apart: each class (as the image archive names it) and the route of its drivers."
  type        = map(string)
  nullable    = false

  validation {
    condition     = length(var.classes) >= 2
    error_message = "classes must name at least two classes; mend terraform/targets/${var.environment}.tfvars."
  }

  validation {
    condition     = alltrue([for class in keys(var.classes) : can(regex("^[a-z][a-z0-9_]*$", class))])
    error_message = "A class is named in lower-case letters, digits and underscores, as the image archive does; mend terraform/targets/${var.environment}.tfvars."
  }

  validation {
    condition     = alltrue([for route in values(var.classes) : can(regex("^[a-z][a-z0-9-]{0,39}$", route)) && route != "review"])
    error_message = "A route is named in lower-case letters, digits and hyphens, and \"review\" is taken; mend terraform/targets/${var.environment}.tfvars."
  }
}

variable "confidence_threshold" {
  description = "Probability from which a picture's class is trusted. Less confident pictures go to people. Null leaves it to the model, which knows from where on it reaches target_precision."
  type        = number
  default     = null

  validation {
    condition     = var.confidence_threshold == null || try(var.confidence_threshold > 0 && var.confidence_threshold < 1, false)
    error_message = "confidence_threshold must lie between 0 and 1, both excluded, or be null; mend terraform/targets/${var.environment}.tfvars."
  }
}

variable "environment" {
  description = "Name of the environment: the name of its settings file, and part of every resource's name."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9]{0,9}$", var.environment))
    error_message = "environment must be at most ten lower-case letters and digits, and begin with a letter."
  }

  validation {
    condition     = fileexists("${path.module}/targets/${var.environment}.tfvars")
    error_message = "There is no terraform/targets/${var.environment}.tfvars; environment must be the name of its settings file."
  }
}

variable "model" {
  description = "The trained model to serve, as `make train` writes it. Null provisions everything but the endpoint."
  type = object({
    name            = string
    data_url        = string
    image_uri       = string
    algorithm       = string
    training_job    = string
    artifact_sha256 = string
    classes         = list(string)
    threshold       = number
    drawn           = bool
    data = object({
      source      = string
      sha256      = string
      fingerprint = string
    })
    code_version = string
    fingerprint  = string
    metrics      = map(number)
    probes       = map(list(number))
    gate = optional(object({
      passed = bool
      forced = bool
      missed = list(string)
    }))
    comparison = optional(object({
      live            = string
      images          = number
      both_right      = number
      only_new_right  = number
      only_live_right = number
      both_wrong      = number
      p_value         = number
      difference      = number
      interval        = list(number)
      changed         = list(string)
    }))
  })
  default = null

  validation {
    condition     = var.model == null || try(length(regex("^[a-zA-Z0-9](?:-*[a-zA-Z0-9])*$", var.model.name)) <= 55, false)
    error_message = "model.name must be 1 to 55 letters, digits and hyphens; run `make train` to write the model anew."
  }

  validation {
    condition     = var.model == null || can(regex("^s3://.+/model\\.tar\\.gz$", var.model.data_url))
    error_message = "model.data_url must be the s3:// URL of a model.tar.gz; run `make train` to write the model anew."
  }

  validation {
    condition     = try(contains(["scones", "image-classification"], var.model.algorithm), var.model == null)
    error_message = "model.algorithm must be scones or image-classification; run `make train` to write the model anew."
  }
}

variable "quality_gate" {
  description = "What a trained model must reach to be handed over, each limit a share: minimum_accuracy and maximum_ece on the test images, minimum_accepted_at_precision (how many of them it answers at target_precision), live_margin (how much less accurate than the live model it may be)."
  type        = map(number)
  default     = {}
  nullable    = false

  validation {
    condition     = length(setsubtract(keys(var.quality_gate), ["live_margin", "maximum_ece", "minimum_accepted_at_precision", "minimum_accuracy"])) == 0
    error_message = "quality_gate knows live_margin, maximum_ece, minimum_accepted_at_precision and minimum_accuracy only; mend terraform/targets/${var.environment}.tfvars."
  }

  validation {
    condition     = alltrue([for limit in values(var.quality_gate) : try(limit >= 0 && limit <= 1, false)])
    error_message = "Every limit of quality_gate must lie between 0 and 1; mend terraform/targets/${var.environment}.tfvars."
  }
}

variable "region" {
  description = "AWS region of every resource."
  type        = string
  default     = "us-east-1"
  nullable    = false

  validation {
    condition     = contains(keys(local.builtin_registries), var.region)
    error_message = "region must be one whose image registries terraform/images.tf knows; got \"${var.region}\"."
  }
}

variable "retention" {
  description = "Days after which logs and captured traffic are deleted. Null keeps captured traffic, and spares the minute that a lifecycle rule takes to provision."
  type = object({
    capture_days = optional(number)
    log_days     = optional(number, 30)
  })
  default  = {}
  nullable = false

  validation {
    condition     = var.retention.capture_days == null || try(var.retention.capture_days >= 1, false)
    error_message = "retention.capture_days must be at least 1, or null to keep captured traffic; mend terraform/targets/${var.environment}.tfvars."
  }
}

variable "serving" {
  description = "How the model is served: repository:tag of the image, the instances, and the share of traffic to capture."
  type = object({
    capture_percent = optional(number, 100)
    image           = optional(string, "ray:serve-ml-sagemaker-cpu-v1.4")
    instance_count  = optional(number, 1)
    instance_type   = optional(string, "ml.m5.large")
    startup_seconds = optional(number, 300)
  })
  default  = {}
  nullable = false

  validation {
    condition     = var.serving.capture_percent >= 0 && var.serving.capture_percent <= 100
    error_message = "serving.capture_percent must be a share of the traffic, 0 to 100; mend terraform/targets/${var.environment}.tfvars."
  }
}

variable "tags" {
  description = "Tags on every resource, besides project and environment."
  type        = map(string)
  default     = {}
  nullable    = false
}

variable "target_precision" {
  description = "Share of the accepted answers that should be right: a model's own threshold is the lowest that reaches it on held-out images."
  type        = number
  default     = 0.99
  nullable    = false

  validation {
    condition     = var.target_precision > 0 && var.target_precision <= 1
    error_message = "target_precision must lie between 0, excluded, and 1; mend terraform/targets/${var.environment}.tfvars."
  }
}

variable "training" {
  description = "How the model is trained: repository:tag of the image, the instances, limits, the share of the training images held out for validation, and the recipe. With pretraining, the model learns from the archive's other classes first; null means where they are known to be photographs (SOURCE=cifar100) and the instance has a GPU. With use_reviewed, it also learns from the pictures that people labelled (make review)."
  type = object({
    hyperparameters = optional(object({
      batch_size         = optional(number, 64)
      epochs             = optional(number, 150)
      learning_rate      = optional(number, 0.005)
      pretraining_epochs = optional(number, 10)
      weight_decay       = optional(number, 0.05)
    }), {})
    image            = optional(string, "pytorch:2.13-cu133-amzn2023-sagemaker")
    instance_count   = optional(number, 1)
    instance_type    = optional(string, "ml.g4dn.xlarge")
    max_run_seconds  = optional(number, 3600)
    max_wait_seconds = optional(number, 7200)
    pretraining      = optional(bool)
    seed             = optional(number, 0)
    spot             = optional(bool, true)
    use_reviewed     = optional(bool, true)
    validation_share = optional(number, 0.1)
    volume_gb        = optional(number, 30)
  })
  default  = {}
  nullable = false

  validation {
    condition     = var.training.max_wait_seconds >= var.training.max_run_seconds
    error_message = "training.max_wait_seconds includes the run, so it cannot be below max_run_seconds; mend terraform/targets/${var.environment}.tfvars."
  }

  validation {
    condition     = var.training.validation_share > 0 && var.training.validation_share < 1
    error_message = "training.validation_share must lie between 0 and 1, both excluded; mend terraform/targets/${var.environment}.tfvars."
  }
}
