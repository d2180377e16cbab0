"""Zero and tare: asked for in any thread, carried out by the scale's, whose word may come late."""

from __future__ import annotations

import contextlib
import queue
import threading
from collections import deque

from station.errors import ScaleError
from station.scale.replies import ReplyKind
from station.scale.session import DONE, REFUSED, Wish

_WISHES = {kind: wish for words in (DONE, REFUSED) for wish, kind in words.items()}
_VERBS = {Wish.ZERO: "zeroed", Wish.TARE: "tared"}
_TODO = {Wish.ZERO: "Empty the plate and try again.", Wish.TARE: "Wait until nothing moves and try again."}
_REMEMBERED = 8
"""So many commands without a word are remembered; a scale that answers none of them answers none at all."""

Word = ReplyKind | ScaleError


class Asked:
    """One wish and the word on it."""

    def __init__(self, wish: Wish) -> None:
        self.wish = wish
        self.word: queue.Queue[Word] = queue.Queue(maxsize=1)

    def answer(self, word: Word) -> None:
        """Say the word; only the first one counts."""
        with contextlib.suppress(queue.Full):
            self.word.put_nowait(word)


class WishDesk:
    """One wish at a time is asked and waited for; one that was waited for in vain is remembered.

    ``where`` names the scale in errors.
    """

    def __init__(self, where: str) -> None:
        self._where = where
        self._asking = threading.Lock()
        self._changing = threading.Lock()
        self._open = False
        self._next: Asked | None = None
        self._sent: deque[Asked] = deque(maxlen=_REMEMBERED)
        self._left: Asked | None = None

    def ask(self, wish: Wish, patience_s: float, *, late: str) -> None:
        """Wish, and wait for the scale's word; raises ScaleError when it refuses or says nothing.

        ``late`` is said to whoever has waited ``patience_s`` seconds for the word on a command that is out.
        """
        if not self._asking.acquire(blocking=False):
            raise ScaleError("The scale is being zeroed or tared already.", where=self._where, retryable=True)
        try:
            said = self._wait(Asked(wish), patience_s, late)
        finally:
            self._asking.release()
        if isinstance(said, ScaleError):
            raise said
        if said is not DONE[wish]:
            raise ScaleError(
                f"The scale refuses to be {_VERBS[wish]}: the load moves or is too large.",
                where=self._where,
                todo=_TODO[wish],
                retryable=True,
            )

    def _wait(self, asked: Asked, patience_s: float, late: str) -> Word:
        with self._changing:
            if not self._open:
                return self._unreachable()
            self._next = asked
        try:
            return asked.word.get(timeout=patience_s)
        except queue.Empty:
            with self._changing:
                if self._next is asked:  # never sent, and it must not go out later
                    self._next = None
                    return self._unreachable()
                self._left = asked
        with contextlib.suppress(queue.Empty):  # the word that came at the last moment
            return asked.word.get_nowait()
        return ScaleError(
            f"The scale has not said within {patience_s:g} s that it is {_VERBS[asked.wish]}.",
            where=self._where,
            todo=late,
            retryable=True,
        )

    def opened(self) -> None:
        """The line is open: wishes are taken; for the scale's thread, as are the following."""
        with self._changing:
            self._open = True

    def take(self) -> Wish | None:
        """Return the wish to carry out now, ``None`` without one."""
        with self._changing:
            asked, self._next = self._next, None
            if asked is None:
                return None
            self._sent.append(asked)
            return asked.wish

    def abandoned(self) -> Wish | None:
        """Return, once, the wish that was waited for in vain."""
        with self._changing:
            left, self._left = self._left, None
            return left.wish if left is not None else None

    def forget(self, wish: Wish) -> None:
        """Nothing will be heard of a wish any more."""
        with self._changing:
            self._sent = deque((one for one in self._sent if one.wish is not wish), _REMEMBERED)

    def answered(self, word: ReplyKind) -> Asked | None:
        """Return the wish that a word is for: the last one of its kind that is out; ``None`` when nobody asked.

        The caller says the word to it.
        """
        wish = _WISHES.get(word)
        with self._changing:
            for asked in reversed(self._sent):
                if wish is None or asked.wish is wish:
                    self._sent.remove(asked)
                    return asked
        return None

    def fail(self, what: str, todo: str) -> None:
        """Let whoever waits for the word on a command that is out hear that there will be none."""
        with self._changing:
            sent, self._sent, self._left = [*self._sent], deque(maxlen=_REMEMBERED), None
        for asked in sent:
            asked.answer(ScaleError(what, where=self._where, todo=todo, retryable=True))

    def closed(self) -> None:
        """The line is closed: nothing is taken any more."""
        with self._changing:
            self._open = False
            waiting, self._next = self._next, None
        if waiting is not None:
            waiting.answer(self._unreachable())
        self.fail(
            "The scale's line broke before it said whether it is zeroed or tared.", "Look at its weight and try again."
        )

    def _unreachable(self) -> ScaleError:
        return ScaleError("The scale cannot be reached.", where=self._where, todo="Check its line.", retryable=True)
