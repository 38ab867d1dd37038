module "data" {
  source = "./modules/bucket"

  name            = local.data_bucket
  expiration_days = var.retention.capture_days == null ? {} : local.expiration_days
}

locals {
  # Captured traffic, and the markers that keep a failure from being published twice.
  expiration_days = {
    for prefix in ["data-capture/", "notices/"] : prefix => var.retention.capture_days
  }
}
