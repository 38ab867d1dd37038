module "data" {
  source = "./modules/bucket"

  name            = local.data_bucket
  expiration_days = var.retention.capture_days == null ? {} : { for folder in ["data-capture/", "notices/"] : folder => var.retention.capture_days }
}
