import json

import pytest
from measured import ABOUT, FULL, SOURCES, VARIANTS, figures, sources

from shortlist_training.benchmark.ablations.files import KIND
from shortlist_training.benchmark.child import Took
from shortlist_training.benchmark.seeds import course as module
from shortlist_training.benchmark.seeds.course import SeedCourse, failures
from shortlist_training.benchmark.seeds.folder import MEASURED, SeedFolder
from shortlist_training.benchmark.seeds.settings import digest_of, settings_of
from shortlist_training.errors import BenchmarkError
from shortlist_training.progress import Silent


@pytest.fixture
def calls(monkeypatch):
    """Let no process run: each measures what is on the shelf, except seed 7, which fails."""
    made = []

    def fake(command, log, **_):
        given = dict(zip(command[3::2], command[4::2], strict=True))
        made.append((given["--data"], int(given["--seed"])))
        if given["--seed"] == "7":
            raise BenchmarkError("the log is too small")
        kept = SeedFolder(log.parent)
        kept.begin("f")
        for key in (FULL, *(variant["key"] for variant in VARIANTS)):
            kept.write(key, figures(0.5))
        kept.write(SOURCES, sources())
        (kept.folder / MEASURED).write_text(json.dumps({"seed": int(given["--seed"]), **ABOUT}))
        return Took(output="", seconds=5.0, memory=7.0)

    monkeypatch.setattr(module, "run_child", fake)
    return made


def course(out, **settings):
    return SeedCourse(out=out, commit="abc1234", progress=Silent(), kind=KIND, module="some.module", **settings)


def test_every_task_and_seed_is_a_process_that_sees_the_log_alone(task, tmp_path, calls):
    course(tmp_path).run([task], [0, 1])
    assert calls == [(str(task.data), 0), (str(task.data), 1)]
    about = SeedFolder.of(tmp_path, task, 1, kind=KIND).done(digest_of(task, 1))
    assert (about["seconds"], about["peak_memory_mb"], about["commit"]) == (5.0, 7.0, "abc1234")


def test_what_is_there_is_not_run_again(task, tmp_path, calls):
    course(tmp_path).run([task], [0])
    course(tmp_path).run([task], [0, 1])
    assert [seed for _, seed in calls] == [0, 1]
    course(tmp_path, again=True).run([task], [0])
    assert [seed for _, seed in calls] == [0, 1, 0]


def test_a_failure_is_told_tried_again_and_does_not_stop_the_rest(task, tmp_path, calls):
    course(tmp_path).run([task], [7, 0])
    assert list(failures(tmp_path, [task], [7, 0], kind=KIND)) == [
        {"task": task.name, "seed": 7, "reason": "the log is too small"}
    ]
    course(tmp_path).run([task], [7, 0])
    assert [seed for _, seed in calls] == [7, 0, 7]


def test_results_of_another_configuration_do_not_count(task, monkeypatch):
    before = digest_of(task, 0)
    assert before != digest_of(task, 1)
    assert before == digest_of(task, 0)
    settings = settings_of(task.data, 0)
    assert settings.seed == 0
