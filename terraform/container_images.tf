# Container images that AWS publishes: the deep learning containers come from one account in all of
# these regions, the built-in algorithms from one account per region.
locals {
  containers_account = "763104351884"

  builtin_registries = {
    ap-northeast-1 = "501404015308"
    ap-northeast-2 = "306986355934"
    ap-south-1     = "991648021394"
    ap-southeast-1 = "475088953585"
    ap-southeast-2 = "544295431143"
    ca-central-1   = "469771592824"
    eu-central-1   = "813361260812"
    eu-north-1     = "669576153137"
    eu-west-1      = "685385470294"
    eu-west-2      = "644912444149"
    eu-west-3      = "749696950732"
    sa-east-1      = "855470959533"
    us-east-1      = "811284229777"
    us-east-2      = "825641698319"
    us-west-1      = "632365934929"
    us-west-2      = "433757028032"
  }
  builtin_account = local.builtin_registries[var.region]

  containers_registry = "${local.containers_account}.dkr.ecr.${var.region}.amazonaws.com"
  builtin_registry    = "${local.builtin_account}.dkr.ecr.${var.region}.amazonaws.com"

  training_image_uri = "${local.containers_registry}/${var.training.image}"
  serving_image_uri  = "${local.containers_registry}/${var.serving.image}"
  builtin_image_uri  = "${local.builtin_registry}/image-classification:1"

  # The drift monitor computes embeddings on a CPU, with the same torch that trained the model.
  # The training image holds everything that it imports; the serving image does not.
  drift_image_uri = replace(local.training_image_uri, "/-cu[0-9]+-/", "-cpu-")

  # The ARN of a repository is without the tag.
  ecr_arn        = "arn:${local.partition}:ecr:${var.region}"
  containers_arn = "${local.ecr_arn}:${local.containers_account}:repository"
  builtins_arn   = "${local.ecr_arn}:${local.builtin_account}:repository"

  training_repository_arn = "${local.containers_arn}/${split(":", var.training.image)[0]}"
  serving_repository_arn  = "${local.containers_arn}/${split(":", var.serving.image)[0]}"
  builtin_repository_arn  = "${local.builtins_arn}/image-classification"
}
