"""What drawing a list costs: python benchmarks/exploration.py.

Milliseconds of processor time for one list of 20 from 200 candidates with vectors of 64, every place drawn, and three
places drawn; the median of 7 rounds. And how far Thompson's propensities are off for several numbers of draws.
"""

import time
from statistics import median

import numpy as np
from threadpoolctl import threadpool_limits

from shortlist_bundle.diversity.rules import no_rules
from shortlist_bundle.exploration.exploration_policy import Choices, ExplorationPolicy, anything
from shortlist_bundle.exploration.explorer import explored_slots, policy_of
from shortlist_bundle.exploration.head import head_features, head_prior
from shortlist_bundle.exploration.settings import STRENGTHS, TEMPERATURES, Exploration
from shortlist_bundle.exploration.thompson import Thompson

CANDIDATES, WIDTH, K, ROUNDS = 200, 64, 20, 7


def choices() -> Choices:
    random = np.random.default_rng(0)
    scores = -np.sort(-random.normal(size=CANDIDATES))
    vectors = random.normal(size=(CANDIDATES, WIDTH + 1)).astype(np.float32)
    customer = random.normal(size=WIDTH + 1).astype(np.float32)
    return Choices(
        queue=np.arange(CANDIDATES),
        relevance=scores,
        rules=no_rules(CANDIDATES),
        features=head_features(0.3 / (1.0 + np.arange(CANDIDATES)), customer, vectors, novelty=np.zeros(CANDIDATES)),
    )


def cost(policy: ExplorationPolicy, wanted: Exploration, times: int) -> float:
    own, explored, generator = choices(), explored_slots(wanted, K), np.random.default_rng(1)
    spent = []
    for _ in range(ROUNDS):
        start = time.process_time()
        for _ in range(times):
            policy(own, wanted, explored, anything(K), generator)
        spent.append((time.process_time() - start) / times)
    return 1_000 * median(spent)


def main() -> None:
    threadpool_limits(limits=1)  # as the server has it
    posterior = head_prior(WIDTH + 3)
    print(f"{'policy':16}{'every place':>14}{'three places':>14}   ms for one list")
    for name in STRENGTHS:
        figures = []
        for slots in ((), (3, 7, 12)):
            wanted = Exploration(policy=name, strength=STRENGTHS[name], temperature=TEMPERATURES[name], slots=slots)
            times = 5 if name == "thompson" else 100
            policy = policy_of(wanted, posterior)
            cost(policy, wanted, 1)
            figures.append(cost(policy, wanted, times))
        print(f"{name:16}{figures[0]:14.3f}{figures[1]:14.3f}")
    print(f"{'draws':>8}{'relative error of a propensity':>34}{'ms, three places':>20}")
    wanted = Exploration(policy="thompson", strength=1.0, slots=(3, 7, 12))
    for draws in (200, 1_000, 5_000):
        policy = Thompson(posterior, draws=draws)
        own, errors = choices(), []
        for seed in range(20):
            draw = policy(own, wanted, explored_slots(wanted, K), anything(K), np.random.default_rng(seed))
            drawn = [3, 7, 12]
            errors += (draw.errors[drawn] / draw.propensities[drawn]).tolist()
        print(f"{draws:8,}{np.mean(errors):34.2f}{cost(policy, wanted, 3):20.2f}")


if __name__ == "__main__":
    main()
