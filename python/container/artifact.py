"""The files of model.tar.gz: classifier, measurements, and code for both SageMaker images.

model.pt
metrics.json  predictions.json  contact-sheet.png
baseline.npz                            what later images are compared with; serving never reads it
code/inference.py  code/container/…     PyTorch image: handlers
config.yaml  deployment.py              Ray image: application (its path includes code/)
"""

from __future__ import annotations

import shutil
from pathlib import Path

from container.serving.classifier import Classifier

PACKAGE = Path(__file__).parent
SERVING = PACKAGE / "serving"

HANDLERS = '''\
"""SageMaker's PyTorch image looks for the handlers here."""

from container.serving.toolkit import input_fn, model_fn, output_fn, predict_fn

__all__ = ["input_fn", "model_fn", "output_fn", "predict_fn"]
'''

APPLICATIONS = """\
applications:
  - name: classifier
    route_prefix: /
    import_path: deployment:app
"""


def write(classifier: Classifier, folder: Path) -> None:
    """Write the classifier and the code that serves it into `folder`."""
    package = folder / "code" / PACKAGE.name
    shutil.copytree(
        SERVING,
        package / SERVING.name,
        ignore=shutil.ignore_patterns("__pycache__"),
        dirs_exist_ok=True,
    )
    shutil.copyfile(PACKAGE / "__init__.py", package / "__init__.py")
    (folder / "code" / "inference.py").write_text(HANDLERS)
    (folder / "config.yaml").write_text(APPLICATIONS)
    shutil.copyfile(SERVING / "deployment.py", folder / "deployment.py")
    classifier.save(folder / "model.pt")
