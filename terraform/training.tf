# `make train` starts the training jobs and reads these settings from the outputs.
locals {
  hyperparameters = merge(
    {
      for name, value in var.training.hyperparameters :
      name => tostring(value) if value != null
    },
    { seed = tostring(var.training.seed) },
    { target_precision = tostring(var.target_precision) },
    var.confidence_threshold == null ? {} : { threshold = tostring(var.confidence_threshold) },
  )

  # Each metric is named after the key that precedes its value in the training script's log.
  metric_definitions = {
    for name in [
      "epoch",
      "train_loss",
      "validation_accuracy",
      "validation_ece",
      "validation_accepted",
      "validation_accepted_accuracy",
      "test_accuracy",
      "test_ece",
      "test_accepted",
      "test_accepted_accuracy",
    ] : name => "${name}=([0-9.]+)"
  }

  # The built-in algorithm trains MXNet's ResNet, which accepts images of more than 28 pixels
  # from 18 layers on. `make train` adds what follows from the data: shape, classes, images.
  builtin_hyperparameters = {
    augmentation_type = "crop_color_transform"
    epochs            = "30"
    learning_rate     = "0.01"
    mini_batch_size   = "64"
    num_layers        = "18"
  }
}
