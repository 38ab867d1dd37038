variable "expiration_days" {
  description = "Days after which objects are deleted, by key prefix."
  type        = map(number)
  default     = {}
  nullable    = false
}

variable "name" {
  description = "Bucket name."
  type        = string
  nullable    = false
}
