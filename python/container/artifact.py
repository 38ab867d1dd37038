"""What model.tar.gz holds: the classifier, what was measured, and code that serves it in either of SageMaker's images.

model.pt
metrics.json  predictions.json  contact-sheet.png
baseline.npz                            what later pictures are compared with; serving never reads it
code/inference.py  code/container/…     PyTorch image: handlers
config.yaml  deployment.py              Ray image: application (its path includes code/)
"""

from __future__ import annotations

import shutil
from pathlib import Path

from container.classifier import Classifier

SOURCE = Path(__file__).parent
SERVING = (
    "__init__.py",
    "classifier.py",
    "inference.py",
    "network.py",
    "pictures.py",
    "toolkit.py",
)

HANDLERS = '''\
"""Where SageMaker's PyTorch image looks for the handlers."""

from container import inference
from container.inference import model_fn, output_fn
from container.toolkit import understood

__all__ = ["input_fn", "model_fn", "output_fn", "predict_fn"]

input_fn, predict_fn = understood(inference.input_fn), understood(inference.predict_fn)
'''

APPLICATIONS = """\
applications:
  - name: classifier
    route_prefix: /
    import_path: deployment:app
"""


def write(classifier: Classifier, folder: Path) -> None:
    """Write the classifier and the code that serves it into `folder`."""
    package = folder / "code" / "container"
    package.mkdir(parents=True, exist_ok=True)
    classifier.save(folder / "model.pt")
    for name in SERVING:
        shutil.copyfile(SOURCE / name, package / name)
    (folder / "code" / "inference.py").write_text(HANDLERS)
    (folder / "config.yaml").write_text(APPLICATIONS)
    shutil.copyfile(SOURCE / "deployment.py", folder / "deployment.py")
