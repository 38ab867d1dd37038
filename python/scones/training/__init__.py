"""Order a SageMaker training job, follow it, judge its model and hand the model over to Terraform.

What runs inside the job is another package: container/train.py is the training script itself.
"""
