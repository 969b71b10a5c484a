"""The peers by name: where each one's `fit` is, and whether chance plays a part in it."""

from dataclasses import dataclass
from importlib import import_module

from benchmarks.peers.lists import Fit
from benchmarks.peers.task import PeerError


@dataclass(frozen=True, slots=True)
class Peer:
    """Where a peer is found.

    Attributes:
        place: "module:function" in this package.
        libraries: distributions whose versions belong to its figures.
        seeded: whether another seed gives other lists; where it does not, one run is enough.
        extra: of this project, that brings the libraries.
    """

    place: str
    libraries: tuple[str, ...] = ()
    seeded: bool = False
    extra: str = "training"

    def fit(self) -> Fit:
        """Import the peer; only now does it need its library.

        Raises:
            PeerError: The library is not there.
        """
        module, _, function = self.place.partition(":")
        try:
            return getattr(import_module(f"benchmarks.peers.{module}"), function)
        except ModuleNotFoundError as problem:
            raise PeerError(f"{problem.name} is not installed; the extra `{self.extra}` brings it") from None


PEERS = {
    "popularity": Peer("counting:popularity"),
    "recent-popularity": Peer("counting:recent_popularity"),
    "item-knn": Peer("neighbours:item_knn", ("implicit",)),
    "user-knn": Peer("neighbours:user_knn", ("implicit",)),
    "ease": Peer("ease:ease"),
    "ials": Peer("factors:ials", ("implicit",), seeded=True),
    "tifu-knn": Peer("baskets:tifu_knn"),
    "sequential-item-knn": Peer("sequence:sequential_item_knn"),
    "lightfm-warp": Peer("warp:lightfm_warp", ("lightfm-next",), seeded=True, extra="peers"),
    "sasrec": Peer("sasrec:sasrec", ("rectools", "torch"), seeded=True, extra="torch-peers"),
    "lightgcn": Peer("recbole_models:lightgcn", ("recbole", "torch"), seeded=True, extra="torch-peers"),
    "multvae": Peer("recbole_models:multvae", ("recbole", "torch"), seeded=True, extra="torch-peers"),
    "gbdt": Peer("gbdt:gbdt", ("lightgbm", "tensorflow-cpu", "keras"), seeded=True, extra="peers"),
}


def peer(name: str) -> Peer:
    """Return a peer by its name.

    Raises:
        PeerError: There is none of that name.
    """
    if name not in PEERS:
        raise PeerError(f"there is no peer {name!r}; there are {', '.join(PEERS)}")
    return PEERS[name]
