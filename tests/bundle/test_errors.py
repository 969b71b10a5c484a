import pickle

import pytest

import shortlist_bundle.errors as errors
from shortlist_bundle.errors import BundleError, BundleIncompatible, DocumentError, FeatureError, NonFinite


def every_error(base=BundleError):
    return [base, *(error for child in base.__subclasses__() for error in every_error(child))]


def test_the_tree_in_the_docstring_is_the_tree():
    told = [line.split() for line in errors.__doc__.splitlines() if line.startswith(("BundleError", "│", "├", "└"))]
    names = {next(word for word in words if word.isalnum()): words for words in told}
    assert set(names) == {error.__name__ for error in every_error()}
    for error in every_error():
        assert error.reason in names[error.__name__]


def test_every_error_speaks_to_the_user():
    assert all(error.user_message for error in every_error())


def test_a_feature_error_shows_no_more_than_forty_characters_of_the_value():
    error = FeatureError.of_value("age", "x" * 1_000_000, "a number")
    assert "age" in str(error)
    assert len(str(error)) < 100


@pytest.mark.parametrize(
    ("error", "subject"),
    [
        (NonFinite("items/vectors.npy: holds NaN"), "items/vectors.npy"),
        (DocumentError("manifest.json.files[0].size: must be a whole number"), "manifest.json#files[0].size"),
        (BundleIncompatible("manifest.json: format is 2", subject="manifest.json#format"), "manifest.json#format"),
        (BundleIncompatible("too new"), ""),
    ],
)
def test_an_error_names_the_file_and_the_field(error, subject):
    assert error.subject == subject
    assert pickle.loads(pickle.dumps(error)).subject == subject
