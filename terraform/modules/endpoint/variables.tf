variable "capture_percent" {
  description = "Share of the traffic to capture, 0 to 100."
  type        = number
  nullable    = false
}

variable "capture_url" {
  description = "s3:// URL that captured traffic is stored under."
  type        = string
  nullable    = false
}

variable "environment" {
  description = "Environment variables of the container."
  type        = map(string)
  default     = {}
  nullable    = false
}

variable "instance_count" {
  description = "Instances behind the endpoint."
  type        = number
  nullable    = false
}

variable "instance_type" {
  description = "Type of the instances behind the endpoint."
  type        = string
  nullable    = false
}

variable "log_retention_days" {
  description = "Days after which log lines are deleted."
  type        = number
  nullable    = false
}

variable "model" {
  description = "The trained model: name, archive and container image."
  type = object({
    name      = string
    data_url  = string
    image_uri = string
  })
  nullable = false
}

variable "name" {
  description = "Endpoint name, also in the log group."
  type        = string
  nullable    = false
}

variable "role_arn" {
  description = "ARN of the role that the model runs with."
  type        = string
  nullable    = false
}

variable "startup_seconds" {
  description = "Seconds until the container must pass its first health check."
  type        = number
  nullable    = false
}
