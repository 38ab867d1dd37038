"""SageMaker: training jobs run their entry point, and endpoints load and serve their model archive."""
