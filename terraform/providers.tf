# Endpoints, credentials and retries come from the environment: the same configuration serves every
# account and the local AWS.
provider "aws" {
  region            = var.region
  s3_use_path_style = true

  default_tags {
    tags = local.tags
  }
}
