"""Step Functions: what moto's interpreter of state machines lacks, or does differently from AWS."""
