"""SageMaker: training jobs run their entry point; endpoints load and serve their model archive."""
