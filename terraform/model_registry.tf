# Every trained model becomes a version in this group: `make train` registers them, `make destroy`
# deletes them before the group.
resource "aws_sagemaker_model_package_group" "models" {
  model_package_group_name = local.model_package_group
  model_package_group_description = join(" ", [
    "Models that distinguish ${join(", ", local.classes)},",
    "with their metrics and the verdict of the quality gate.",
  ])
}
