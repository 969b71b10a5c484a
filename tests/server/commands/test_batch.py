"""`shortlist batch`: its options and what it says."""

import polars as pl
import pytest
from click.testing import CliRunner
from small_models import CUSTOMERS, model_of

from shortlist_bundle.errors import BundleNotFound
from shortlist_bundle.files import BundleContents, promote, write_bundle
from shortlist_bundle.golden import ask
from shortlist_bundle.packing import pack_model
from shortlist_server.commands.batch import batch
from shortlist_server.errors import InvalidRequest


@pytest.fixture(scope="module")
def bundles(tmp_path_factory):
    folder = tmp_path_factory.mktemp("bundles")
    model = model_of()
    parts, golden = pack_model(model), ask(model)
    contents = BundleContents(arrays={**parts.arrays, **golden.arrays}, documents=parts.documents, blobs=parts.blobs)
    promote(folder, "default", write_bundle(folder, "default", contents, version="v1").version, alias="stable")
    return folder


def run(*arguments):
    return CliRunner().invoke(batch, [str(argument) for argument in arguments])


def test_it_writes_a_file_and_says_how_much(bundles, tmp_path):
    out = tmp_path / "lists.parquet"
    result = run("--bundles", bundles, "--k", 3, "--out", out)
    assert result.exit_code == 0, result.output
    assert len(pl.read_parquet(out)) == 3 * CUSTOMERS
    assert result.stdout.startswith(f"{out}: {3 * CUSTOMERS} rows from bundle ")


def test_every_option_arrives(bundles, tmp_path):
    out = tmp_path / "lists.parquet"
    ids = tmp_path / "ids.txt"
    ids.write_text("c2\n")
    options = "--version v1 --model default --seen exclude --clock live --as-of 50 --source own_past --rank-by source"
    result = run("--bundles", bundles, "--k", 3, "--out", out, "--customers", ids, *options.split())
    assert result.exit_code == 0, result.output
    # Of one's own past nothing is left without seen items.
    assert pl.read_parquet(out).is_empty()


def test_the_order_of_a_source_needs_one_source(bundles, tmp_path):
    for sources in ([], ["--source", "own_past", "--source", "popularity"]):
        result = run("--bundles", bundles, "--out", tmp_path / "x.parquet", "--rank-by", "source", *sources)
        assert result.exit_code == 2
        assert "needs exactly one --source" in result.output


def test_the_options_of_diversity_arrive(bundles, tmp_path):
    out, plain = tmp_path / "lists.parquet", tmp_path / "plain.parquet"
    options = "--diversity mmr:0.9 --cap kind=1 --quota kind=milk --quota kind=nuts:1 --serendipity 0.5"
    result = run("--bundles", bundles, "--k", 3, "--out", out, *options.split(), "--placement", "default")
    assert result.exit_code == 0, result.output
    assert run("--bundles", bundles, "--k", 3, "--out", plain).exit_code == 0
    assert not pl.read_parquet(out).equals(pl.read_parquet(plain))


def test_sources_with_weights_and_quotas_arrive(bundles, tmp_path):
    out, plain = tmp_path / "lists.parquet", tmp_path / "plain.parquet"
    options = ["--source", "popularity", "--source", "content=0.25:2"]
    result = run("--bundles", bundles, "--k", 4, "--out", out, *options)
    assert result.exit_code == 0, result.output
    assert run("--bundles", bundles, "--k", 4, "--out", plain, "--source", "popularity").exit_code == 0
    assert not pl.read_parquet(out).equals(pl.read_parquet(plain))


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ("--source content=much", "is not NAME=WEIGHT:QUOTA"),
        ("--source content:few", "is not NAME=WEIGHT:QUOTA"),
        ("--source content:2 --rank-by source", "needs exactly one --source, without a quota"),
        ("--diversity magic:0.3", "cannot be read"),
        ("--diversity mmr:much", "cannot be read"),
        ("--cap kind", "is not NAME=NUMBER"),
        ("--cap kind=two", "cannot be read"),
        ("--quota kind", "is not NAME=VALUE"),
        ("--diversity mmr:0.3 --rank-by source --source popularity", "keeps the source's order"),
    ],
)
def test_options_that_cannot_be_meant_are_refused(bundles, tmp_path, options, complaint):
    result = run("--bundles", bundles, "--out", tmp_path / "x.parquet", *options.split())
    assert result.exit_code == 2
    assert complaint in result.output


def test_diversity_beyond_the_limits_is_an_error_for_people(bundles, tmp_path):
    result = run("--bundles", bundles, "--out", tmp_path / "x.parquet", "--k", 3, "--quota", "kind=milk:4")
    assert isinstance(result.exception, InvalidRequest)
    assert result.exception.user_message


def test_a_version_that_does_not_exist_is_an_error_for_people(bundles, tmp_path):
    result = run("--bundles", bundles, "--version", "v9", "--out", tmp_path / "x.parquet")
    assert isinstance(result.exception, BundleNotFound)
    assert result.exception.user_message
