"""The code that runs inside SageMaker: training, evaluation and serving. Imports only itself."""
