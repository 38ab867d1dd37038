# Address, credentials and retries come from the environment, so that one configuration serves every account.
provider "aws" {
  region            = var.region
  s3_use_path_style = true

  default_tags {
    tags = local.tags
  }
}
