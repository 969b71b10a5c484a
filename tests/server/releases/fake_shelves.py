"""A shelf without a disk: versions by name, those that are broken, and aliases that a test moves."""

from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from fakes import FakePipeline

from shortlist_bundle.errors import BundleNotFound, Conflict
from shortlist_bundle.files import AliasMove
from shortlist_bundle.gates.gate import Gate
from shortlist_server.loaded import Loaded
from shortlist_server.releases.releases import Releases
from shortlist_server.releases.shelf import OnDisk

GATES = (
    Gate(name="ndcg@20 (all)", live=0.4, candidate=0.3, limit=0.38, passed=True),
    Gate(name="bytes of all files", live=None, candidate=5.0, limit=9.0, passed=True, note="all"),
)


def bundle(version):
    pipeline = FakePipeline()
    pipeline.version, pipeline.bundle_id = version, f"id-of-{version}"
    return pipeline


@dataclass
class FakeShelf:
    aliases: dict = field(default_factory=lambda: {"stable": "one"})
    versions: tuple = ("one", "two", "three")
    broken: dict = field(default_factory=dict)
    """Version -> the error that its check raises."""
    audit: list = field(default_factory=list)
    checked: list = field(default_factory=list)
    loaded: list = field(default_factory=list)
    past: list = field(default_factory=list)
    said: list = field(default_factory=list)
    judged: list = field(default_factory=list)
    worse: tuple = ()
    """Versions for which the gates are closed."""
    other: dict = field(default_factory=dict)
    """Version -> the id of what is loaded, where it is not what was checked."""
    model: str = "default"
    alias: str = "stable"
    bundles: Path = Path()
    most: int = 0
    residents: object = None

    def wanted(self):
        return dict(self.aliases)

    def resolve(self, version):
        found = self.aliases.get(version, version)
        if found not in self.versions:
            raise BundleNotFound(f"no version {version!r}")
        return found

    def check(self, version):
        self.checked.append(version)
        if version in self.broken:
            raise self.broken[version]
        return f"id-of-{version}"

    def judge(self, version):
        self.judged.append(version)
        return [replace(gate, passed=version not in self.worse) for gate in GATES]

    def load(self, version):
        self.loaded.append(version)
        pipeline = bundle(version)
        pipeline.bundle_id = self.other.get(version, pipeline.bundle_id)
        return pipeline

    def record(self, event, **facts):
        self.audit.append((event, facts.get("version")))

    @contextmanager
    def turn(self):
        yield

    def promote(self, version, alias, expected, **audit):
        previous = self.aliases.get(alias)
        if expected is not None and expected != (previous or ""):
            raise Conflict("elsewhere")
        self.past.append((alias, previous))
        self.aliases[alias] = version
        self.audit.append(("promote", version))
        self.said.append(audit)
        return AliasMove(alias, previous, version)

    def way_back(self, alias):
        before = [version for one, version in self.past if one == alias and version]
        if not before:
            raise BundleNotFound("nothing before")
        return self.aliases[alias], before[-1]

    def rollback(self, alias, expected, **audit):
        current, before = self.way_back(alias)
        self.past.pop()
        self.aliases[alias] = before
        self.audit.append(("rollback", before))
        return AliasMove(alias, current, before)

    def withdraw(self, alias, expected, **audit):
        self.audit.append(("withdraw", self.aliases[alias]))
        return AliasMove(alias, self.aliases.pop(alias), None)

    def models(self):
        return {"default": OnDisk(self.versions[::-1], self.aliases), "films": OnDisk(("x",), {})}

    @property
    def events(self):
        return [event for event, _ in self.audit]


def following(shelf, *, share=0.5, first="one"):
    """Return releases that a test drives by hand, and what they serve."""
    loaded = Loaded()
    loaded.put(bundle(first))
    return Releases(shelf, loaded, share=share), loaded
