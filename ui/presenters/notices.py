"""The message line of a page: what is under way, a question, the answer to a key press, or the hint of the moment."""

from __future__ import annotations

from collections.abc import Callable

from ui.presenters.operator_view import MessageView, Tone

NOTICE_S = 8.0
"""How long the answer to a key press stays."""


class Notices:
    """Holds one message at a time; ``clock`` gives monotonic seconds."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._notice: MessageView | None = None
        self._until_s = 0.0
        self.busy = ""
        """The sentence of what is under way, else empty; it stands before everything."""
        self.asking = False
        """Whether a question stands in the line."""

    def say(self, tone: Tone, text: str) -> None:
        """Show a sentence for some seconds."""
        self.asking = False
        self._notice = MessageView(tone, text)
        self._until_s = self._clock() + NOTICE_S

    def ask(self) -> None:
        """Put the question in the place of the notice."""
        self.asking = True
        self._notice = None

    def begin(self, sentence: str) -> None:
        """Something is under way."""
        self.dismiss()
        self.busy = sentence

    def dismiss(self) -> None:
        """Forget question and notice."""
        self.asking = False
        self._notice = None

    def message(self, question: str, trouble: str, hint: str) -> MessageView | None:
        """Return what stands in the line now: busy, question, notice, trouble or hint, the first there is."""
        if self.busy:
            return MessageView(Tone.WORKING, self.busy)
        if self.asking:
            return MessageView(Tone.WARNING, question)
        if self._notice is not None and self._clock() < self._until_s:
            return self._notice
        self._notice = None
        if trouble:
            return MessageView(Tone.WARNING, trouble)
        return MessageView(Tone.IDLE, hint) if hint else None
