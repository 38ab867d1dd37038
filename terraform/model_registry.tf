# Every trained model becomes a version in this group: `make train` registers them, `make destroy`
# deletes them before the group. The description names no classes: a change of it would replace the
# group, which SageMaker refuses while there are versions.
resource "aws_sagemaker_model_package_group" "models" {
  model_package_group_name        = local.model_package_group
  model_package_group_description = "Trained models with their metrics and quality gate's verdict."

  lifecycle {
    ignore_changes = [model_package_group_description] # of an earlier version
  }
}
