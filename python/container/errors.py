"""How a training job ends early."""


class TrainingError(Exception):
    """One sentence that names what is wrong; it becomes the job's FailureReason."""


class Stopped(Exception):
    """The job was told to stop (spot interruption, StopTrainingJob) and has saved its checkpoint."""
