"""The work at one part: trigger, state machine, answers."""
