"""What is under way on a stream that calls share: which calls gather, which have left, and when the next may leave."""

import itertools
from collections import deque

from shortlist.v1 import recommend_pb2
from shortlist_client.translation.streamed import MOST_CALLS, Answer, call_message, calls_message, read_answers

AHEAD = 2
"""Messages that are on their way at once: one is computed while the next one travels, and further calls gather."""


class Traffic:
    """The calls of one stream; for one thread at a time, and free of any input and output.

    A call that nothing is on its way before leaves at once. Others gather while their predecessors are answered, and
    leave together: the busier the callers, the larger the messages, and nobody waits on purpose.
    """

    def __init__(self) -> None:
        self._numbers, self._messages = itertools.count(1), itertools.count()
        self._wanted: set[int] = set()
        self._gathered: deque[recommend_pb2.StreamedCall] = deque()
        self._message_of: dict[int, int] = {}
        self._unanswered: dict[int, int] = {}

    def add(self, payload: bytes, timeout: float) -> int:
        """Take in a call, a `RecommendRequest`, and return its number."""
        number = next(self._numbers)
        self._wanted.add(number)
        self._gathered.append(call_message(number, payload, timeout))
        return number

    def give_up(self, number: int) -> None:
        """Forget a call; its answer, should it come, is nobody's."""
        self._wanted.discard(number)

    def leaving(self) -> list[bytes]:
        """Return the messages that are to be sent now."""
        messages = []
        while self._gathered and len(self._unanswered) < AHEAD:
            calls = list[recommend_pb2.StreamedCall]()
            while self._gathered and len(calls) < MOST_CALLS:
                call = self._gathered.popleft()
                # Who has given up while the call was gathered need not be answered.
                if call.id in self._wanted:
                    calls.append(call)
            if calls:
                message = next(self._messages)
                self._unanswered[message] = len(calls)
                self._message_of.update((call.id, message) for call in calls)
                messages.append(calls_message(calls))
        return messages

    def arrived(self, raw: bytes) -> list[tuple[int, Answer]]:
        """Return the answers of a message to calls that are still wanted.

        Raises:
            ServerError: The message is none.
        """
        answers = []
        for number, answer in read_answers(raw):
            message = self._message_of.pop(number, None)
            if message is not None:
                self._unanswered[message] -= 1
                if not self._unanswered[message]:
                    del self._unanswered[message]
            if number in self._wanted:
                self._wanted.discard(number)
                answers.append((number, answer))
        return answers
