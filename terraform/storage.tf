module "data" {
  source = "./modules/bucket"

  name            = local.data_bucket
  expiration_days = var.retention.capture_days == null ? {} : { "data-capture/" = var.retention.capture_days }
}
