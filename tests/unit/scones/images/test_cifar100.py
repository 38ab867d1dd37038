from __future__ import annotations

import io
import tarfile
from pathlib import Path

import numpy as np
import PIL.Image
import pytest
from archives import META, TEST, TRAIN, archive, fields, pickled, python2_pickle

from scones.errors import UserError
from scones.images import cifar100

BOTH = ("motorcycle", "bicycle")


def test_classes_are_labelled_in_alphabetical_order(tmp_path: Path) -> None:
    dataset = cifar100.read(archive(tmp_path / "a.tar.gz")).only(BOTH)
    assert dataset.classes == ("bicycle", "motorcycle")
    assert [(image.name, image.label) for image in dataset.splits["train"]] == [
        ("b1.png", 0),
        ("b2.png", 0),
        ("m1.png", 1),
        ("m2.png", 1),
    ]
    assert dataset.counts() == {
        "train": {"bicycle": 2, "motorcycle": 2},
        "test": {"bicycle": 1, "motorcycle": 1},
    }


def test_an_image_is_what_its_row_says_plane_by_plane(tmp_path: Path) -> None:
    row = np.arange(3 * 32 * 32) % 251
    split = fields(["b.png", "m.png"], [1, 2], np.stack([row, row]).astype(np.uint8))
    image = cifar100.read(archive(tmp_path / "a.tar.gz", train=split)).only(BOTH).splits["train"][0]
    assert image.pixels.shape == (32, 32, 3)
    assert list(image.pixels[3, 5]) == [
        row[3 * 32 + 5],
        row[1024 + 3 * 32 + 5],
        row[2048 + 3 * 32 + 5],
    ]
    assert np.array_equal(np.asarray(PIL.Image.open(io.BytesIO(image.png()))), image.pixels)


def test_python_2_pickles_read_like_python_3_pickles(tmp_path: Path) -> None:
    old = archive(tmp_path / "old.tar.gz", train=python2_pickle(TRAIN), test=python2_pickle(TEST))
    new = archive(tmp_path / "new.tar.gz")
    for ours, theirs in zip(
        *(cifar100.read(path).only(BOTH).splits["train"] for path in (old, new)), strict=True
    ):
        assert (ours.name, ours.label, ours.pixels.tobytes()) == (
            theirs.name,
            theirs.label,
            theirs.pixels.tobytes(),
        )


def test_columns_first_arrays_read_like_rows_first_arrays(tmp_path: Path) -> None:
    split = TRAIN | {"data": np.asfortranarray(TRAIN["data"])}
    read = cifar100.read(archive(tmp_path / "a.tar.gz", train=split))
    assert np.array_equal(read.train.rows, TRAIN["data"])


def test_labels_decide_the_class_and_file_names_do_not(tmp_path: Path) -> None:
    split = fields(["bike_s_000001.png", "b.png"], [2, 1])
    dataset = cifar100.read(archive(tmp_path / "a.tar.gz", train=split)).only(BOTH)
    assert {image.name: dataset.classes[image.label] for image in dataset.splits["train"]} == {
        "bike_s_000001.png": "motorcycle",
        "b.png": "bicycle",
    }


def test_the_error_for_an_unknown_class_names_similar_ones(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r'has no class "motorbike". Did you mean motorcycle'):
        cifar100.read(archive(tmp_path / "a.tar.gz")).only(["bicycle", "motorbike"])


def test_the_error_for_a_class_unlike_any_names_them_all(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"Its classes are apple, bicycle, motorcycle"):
        cifar100.read(archive(tmp_path / "a.tar.gz")).only(["zzz"])


def test_a_class_without_images_names_the_split_and_its_classes(tmp_path: Path) -> None:
    split = fields(["a.png", "b.png"], [0, 1])
    with pytest.raises(
        UserError, match=r'The test split has no image of class "motorcycle". It has apple, bicycle'
    ):
        cifar100.read(archive(tmp_path / "a.tar.gz", test=split)).only(BOTH)


@pytest.mark.parametrize(
    ("split", "sentence"),
    [
        (TRAIN | {"fine_labels": [0, 1]}, "has 5 file names, 2 labels and 5 images"),
        (TRAIN | {"filenames": [b"a.png"]}, "has 1 file names, 5 labels and 5 images"),
        (
            TRAIN | {"fine_labels": [0, 1, 1, 2, 3]},
            "has the label 3, but there are 3 class names",
        ),
        (TRAIN | {"fine_labels": [0, 1, 1, 2, -1]}, "has the label -1"),
        (TRAIN | {"fine_labels": [0, 1, 1, 2, "x"]}, "has the label b'x'|has the label 'x'"),
        (
            TRAIN | {"data": np.zeros((5, 784), np.uint8)},
            "data are 5x784; images are rows of 3072 bytes",
        ),
        (TRAIN | {"data": [1, 2, 3, 4, 5]}, "data are list"),
        (
            {key: TRAIN[key] for key in ("filenames", "data")},
            'The train split has no list "fine_labels"',
        ),
        ({key: TRAIN[key] for key in ("filenames", "fine_labels")}, "data are NoneType"),
        (TRAIN | {"filenames": 5}, 'The train split has no list "filenames"'),
    ],
)
def test_a_split_that_contradicts_itself_is_refused(
    tmp_path: Path, split: dict[str, object], sentence: str
) -> None:
    with pytest.raises(UserError, match=sentence):
        cifar100.read(archive(tmp_path / "a.tar.gz", train=split))


@pytest.mark.parametrize(
    "name", ["../b.png", "a/b.png", "a\\b.png", ".b.png", "b.jpg", "b\t.png", ".."]
)
def test_an_unsafe_file_name_is_refused(tmp_path: Path, name: str) -> None:
    path = archive(tmp_path / "a.tar.gz", train=fields([name, "m.png"], [1, 2]))
    with pytest.raises(UserError, match=r"The train split has an unsafe file name"):
        cifar100.read(path).only(BOTH)


def test_a_duplicate_file_name_is_refused(tmp_path: Path) -> None:
    path = archive(tmp_path / "a.tar.gz", train=fields(["b.png", "b.png"], [1, 2]))
    with pytest.raises(UserError, match=r'"b.png" is twice in the train split'):
        cifar100.read(path).only(BOTH)


def test_a_test_image_among_the_training_images_is_refused(tmp_path: Path) -> None:
    seen = TRAIN["data"][[1, 3]]  # the rows of b1 and m1
    path = archive(tmp_path / "a.tar.gz", test=fields(["b1.png", "m3.png"], [1, 2], seen))
    with pytest.raises(UserError, match=r'The image "b1.png" is in both train and test'):
        cifar100.read(path).only(BOTH)


def test_two_images_may_have_the_same_name_in_different_splits(tmp_path: Path) -> None:
    path = archive(
        tmp_path / "a.tar.gz", test=fields(["b1.png", "m3.png"], [1, 2], TRAIN["data"][[3, 0]])
    )
    assert cifar100.read(path).only(BOTH).counts()["test"] == {"bicycle": 1, "motorcycle": 1}


def test_file_names_of_other_classes_do_not_matter(tmp_path: Path) -> None:
    path = archive(
        tmp_path / "a.tar.gz", train=fields(["x/y", "x/y", "b.png", "m.png"], [0, 0, 1, 2])
    )
    assert cifar100.read(path).only(BOTH).counts()["train"] == {"bicycle": 1, "motorcycle": 1}


def test_a_pickle_that_would_run_code_is_refused(tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    harmful = (
        b"\x80\x02cos\nsystem\nX"
        + _length(f"touch {trace}")
        + f"touch {trace}".encode()
        + b"\x85R."
    )
    path = archive(tmp_path / "a.tar.gz", train=harmful)
    with pytest.raises(UserError, match=r"cifar-100-python/train in .* asks for os.system"):
        cifar100.read(path)
    assert not trace.exists()


def test_an_additional_file_is_ignored(tmp_path: Path) -> None:
    path = archive(tmp_path / "a.tar.gz", extra=[tarfile.TarInfo("cifar-100-python/file.txt~")])
    assert cifar100.read(path).classes == ("apple", "bicycle", "motorcycle")


def test_meta_without_names_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r'cifar-100-python/meta has no list "fine_label_names"'):
        cifar100.read(archive(tmp_path / "a.tar.gz", meta=pickled({"other": 1})))
    assert cifar100.read(archive(tmp_path / "b.tar.gz", meta=META)).classes


def _length(text: str) -> bytes:
    return len(text).to_bytes(4, "little")
