"""How a training job ends early."""


class TrainingError(Exception):
    """A sentence that says what is wrong; it becomes the job's FailureReason."""


class Stopped(Exception):
    """The job was stopped (spot interruption, StopTrainingJob) and has saved its checkpoint."""
