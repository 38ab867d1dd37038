# AWS publishes the deep learning containers from one account in these regions, and the built-in algorithms from one per region.
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

  training_image_uri = "${local.containers_account}.dkr.ecr.${var.region}.amazonaws.com/${var.training.image}"
  serving_image_uri  = "${local.containers_account}.dkr.ecr.${var.region}.amazonaws.com/${var.serving.image}"
  builtin_image_uri  = "${local.builtin_registries[var.region]}.dkr.ecr.${var.region}.amazonaws.com/image-classification:1"

  # The drift monitor computes embeddings, with the torch that the model was trained with, and needs no GPU for them. The
  # image of training holds all that it imports; that of serving is made to answer requests only.
  drift_image_uri = replace(local.training_image_uri, "/-cu[0-9]+-/", "-cpu-")

  training_repository_arn = "arn:aws:ecr:${var.region}:${local.containers_account}:repository/${split(":", var.training.image)[0]}"
  serving_repository_arn  = "arn:aws:ecr:${var.region}:${local.containers_account}:repository/${split(":", var.serving.image)[0]}"
  builtin_repository_arn  = "arn:aws:ecr:${var.region}:${local.builtin_registries[var.region]}:repository/image-classification"
}
