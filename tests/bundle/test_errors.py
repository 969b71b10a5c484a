import shortlist_bundle.errors as errors
from shortlist_bundle.errors import BundleError, FeatureError


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
