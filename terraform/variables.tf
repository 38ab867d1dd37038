variable "classes" {
  description = "Classes of the model, as the image archive names them, with their drivers' routes."
  type        = map(string)
  nullable    = false

  validation {
    condition     = length(var.classes) >= 2
    error_message = "classes must name at least two classes. ${local.remedy}"
  }

  validation {
    condition = alltrue([
      for class in keys(var.classes) : can(regex("^[a-z][a-z0-9_]*$", class))
    ])
    error_message = join(" ", [
      "A class must be named in lower-case letters, digits and underscores,",
      "as in the image archive. ${local.remedy}",
    ])
  }

  validation {
    condition = alltrue([
      for route in values(var.classes) :
      can(regex("^[a-z][a-z0-9-]{0,39}$", route)) && route != "review"
    ])
    error_message = join(" ", [
      "A route must be named in lower-case letters, digits and hyphens,",
      "and not \"review\", which is the review queue. ${local.remedy}",
    ])
  }
}

variable "confidence_threshold" {
  description = "Probability from which a class is accepted. Null uses the model's own threshold."
  type        = number
  default     = null

  validation {
    condition = var.confidence_threshold == null || try(
      var.confidence_threshold > 0 && var.confidence_threshold < 1, false
    )
    error_message = "confidence_threshold must be between 0 and 1, or null. ${local.remedy}"
  }
}

variable "environment" {
  description = "Name of the environment, of its settings file, and part of every resource's name."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9]{0,9}$", var.environment))
    error_message = "environment must be 1 to 10 lower-case letters and digits, a letter first."
  }

  validation {
    condition     = fileexists("${path.module}/targets/${var.environment}.tfvars")
    error_message = "There is no terraform/targets/${var.environment}.tfvars; create it first."
  }
}

variable "model" {
  description = "The trained model, as `make train` writes it. Null provisions no endpoint."
  type = object({
    name            = string       # of the model and its endpoint configuration
    data_url        = string       # s3:// URL of the model.tar.gz
    image_uri       = string       # of the container image that serves it
    algorithm       = string       # scones or image-classification
    training_job    = string       # that trained it
    artifact_sha256 = string       # of the model.tar.gz
    classes         = list(string) # in the order of their labels
    threshold       = number       # its own confidence threshold
    drawn           = bool         # trained on drawn images, not on photographs
    data = object({                # what it was trained on
      source      = string
      sha256      = string
      fingerprint = string
    })
    code_version = string            # of this project
    fingerprint  = string            # of settings, data and code
    metrics      = map(number)       # on the test images
    probes       = map(list(number)) # recorded probabilities, for apply's endpoint check
    gate = optional(object({         # verdict of the quality gate
      passed = bool
      forced = bool
      missed = list(string)
    }))
    comparison = optional(object({ # with the live model, on the same test images
      live            = string
      images          = number
      both_right      = number
      only_new_right  = number
      only_live_right = number
      both_wrong      = number
      p_value         = number # of McNemar's test
      difference      = number # of the accuracies
      interval        = list(number)
      changed         = list(string)
    }))
  })
  default = null

  validation {
    condition = var.model == null || try(
      length(regex("^[a-zA-Z0-9](?:-*[a-zA-Z0-9])*$", var.model.name)) <= 55, false
    )
    error_message = "model.name must be 1 to 55 letters, digits and hyphens. ${local.train_again}"
  }

  validation {
    condition = var.model == null || can(
      regex("^s3://.+/model\\.tar\\.gz$", var.model.data_url)
    )
    error_message = "model.data_url must be the s3:// URL of a model.tar.gz. ${local.train_again}"
  }

  validation {
    condition = try(
      contains(["scones", "image-classification"], var.model.algorithm), var.model == null
    )
    error_message = "model.algorithm must be scones or image-classification. ${local.train_again}"
  }
}

# live_margin       how much less accurate than the live model a new one may be
# maximum_ece       largest expected calibration error on the test images
# minimum_accepted  smallest share of test images accepted at the workflow's threshold
# minimum_accuracy  smallest accuracy on the test images
variable "quality_gate" {
  description = "Limits that a trained model must meet to be handed over, each between 0 and 1."
  type        = map(number)
  default     = {}
  nullable    = false

  validation {
    condition = length(setsubtract(keys(var.quality_gate), local.quality_limits)) == 0
    error_message = join(" ", [
      "quality_gate may hold only ${join(", ", local.quality_limits)}. ${local.remedy}",
    ])
  }

  validation {
    condition = alltrue([
      for limit in values(var.quality_gate) : try(limit >= 0 && limit <= 1, false)
    ])
    error_message = "Every limit of quality_gate must be between 0 and 1. ${local.remedy}"
  }
}

variable "region" {
  description = "AWS region of every resource."
  type        = string
  default     = "us-east-1"
  nullable    = false

  validation {
    condition = contains(keys(local.builtin_registries), var.region)
    error_message = join(" ", [
      "region must be a region that terraform/container_images.tf lists; got \"${var.region}\".",
    ])
  }
}

variable "retention" {
  description = "Days after which logs and captured traffic are deleted."
  type = object({
    capture_days = optional(number) # null keeps it, and saves the minute of a lifecycle rule
    log_days     = optional(number, 30)
  })
  default  = {}
  nullable = false

  validation {
    condition = var.retention.capture_days == null || try(
      var.retention.capture_days >= 1, false
    )
    error_message = "retention.capture_days must be at least 1, or null for ever. ${local.remedy}"
  }
}

variable "serving" {
  description = "How the model is served."
  type = object({
    capture_percent = optional(number, 100)                               # of the traffic
    image           = optional(string, "ray:serve-ml-sagemaker-cpu-v1.4") # repository:tag
    instance_count  = optional(number, 1)
    instance_type   = optional(string, "ml.m5.large")
    startup_seconds = optional(number, 300) # until the first health check must pass
  })
  default  = {}
  nullable = false

  validation {
    condition     = var.serving.capture_percent >= 0 && var.serving.capture_percent <= 100
    error_message = "serving.capture_percent must be between 0 and 100. ${local.remedy}"
  }
}

variable "tags" {
  description = "Tags on every resource, besides project and environment."
  type        = map(string)
  default     = {}
  nullable    = false

  # What every service accepts: letters, spaces and digits of any language, and these signs.
  validation {
    condition = alltrue([
      for key, value in var.tags :
      can(regex("^[\\p{L}\\p{Z}\\p{N}_.:/=+@-]{1,128}$", key))
      && can(regex("^[\\p{L}\\p{Z}\\p{N}_.:/=+@-]{0,256}$", value))
      && !startswith(lower(key), "aws:")
    ])
    error_message = join(" ", [
      "A tag must consist of letters, digits, spaces and _.:/=+-@ (its key 1 to 128, its value at",
      "most 256), and not begin with aws:. ${local.remedy}",
    ])
  }
}

variable "target_precision" {
  description = "Share of the accepted answers that should be correct; sets the model's threshold."
  type        = number
  default     = 0.99
  nullable    = false

  validation {
    condition     = var.target_precision > 0 && var.target_precision <= 1
    error_message = "target_precision must be above 0 and at most 1. ${local.remedy}"
  }
}

variable "training" {
  description = "How the model is trained."
  type = object({
    hyperparameters = optional(object({
      batch_size         = optional(number, 64)
      epochs             = optional(number) # null: 150, fewer for the drawn sample
      learning_rate      = optional(number, 0.005)
      pretraining_epochs = optional(number, 10)
      weight_decay       = optional(number, 0.05)
    }), {})
    image            = optional(string, "pytorch:2.13-cu133-amzn2023-sagemaker") # repository:tag
    instance_count   = optional(number, 1)
    instance_type    = optional(string, "ml.g4dn.xlarge")
    max_run_seconds  = optional(number, 3600)
    max_wait_seconds = optional(number, 7200) # for spot capacity, the run included
    pretraining      = optional(bool)         # on the archive's other classes; null: see below
    seed             = optional(number, 0)
    spot             = optional(bool, true)
    use_reviewed     = optional(bool, true)  # also train on images labelled in human review
    validation_share = optional(number, 0.1) # of the training images
    volume_gb        = optional(number, 30)
  })
  default  = {}
  nullable = false

  # pretraining = null pretrains where the archive is known to hold photographs (SOURCE=cifar100)
  # and the instance has a GPU.

  validation {
    condition = var.training.max_wait_seconds >= var.training.max_run_seconds
    error_message = join(" ", [
      "training.max_wait_seconds includes the run and must be at least max_run_seconds.",
      local.remedy,
    ])
  }

  validation {
    condition     = var.training.validation_share > 0 && var.training.validation_share < 1
    error_message = "training.validation_share must be between 0 and 1. ${local.remedy}"
  }
}

locals {
  # What the messages above ask for.
  remedy      = "Correct terraform/targets/${var.environment}.tfvars."
  train_again = "Run `make train` to write the model again."

  quality_limits = ["live_margin", "maximum_ece", "minimum_accepted", "minimum_accuracy"]
}
