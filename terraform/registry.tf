# Every trained model becomes a version in this group; `make train` registers them, `make destroy` deletes them first.
resource "aws_sagemaker_model_package_group" "models" {
  model_package_group_name        = local.model_package_group
  model_package_group_description = "Models that tell ${join(" from ", local.classes)}, with their figures and the verdict of the quality gate."
}
