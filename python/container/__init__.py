"""What runs inside SageMaker: the training script and the serving code. Imports nothing of ours outside itself."""
