"""The text in the badge art: three short lines for the wide size and one line for the small size."""

from dataclasses import dataclass

from directory.certification.wording import ART_TITLE, SELF_CERTIFIED, Standing, StandingWords

NOT_WATCHED_SHORT = "We did not watch."
"""A shorter form of `wording.NOT_WATCHED`, because the art has little space."""

_NOTHING = "Nothing here is self-certified today."


@dataclass(frozen=True, slots=True)
class BadgeText:
    """The text of each line of the art; `brief` and `brief_title` are for the small size.

    A badge is drawn as a solid tag, everything else as an outline.
    """

    standing: Standing
    title: str
    line: str
    note: str
    brief: str
    brief_title: str = ""

    @property
    def solid(self) -> bool:
        """Whether this is a badge, which is drawn solid."""
        return self.standing is Standing.BADGE

    @property
    def sentence(self) -> str:
        """The whole text, as the accessible name of the art."""
        return " · ".join(part for part in (self.title, self.line, self.note) if part)


def badge_text(words: StandingWords, ruleset_id: str = "") -> BadgeText:
    """The text for the words of a standing; `ruleset_id` is the ruleset under which the answers were signed.

    Raises:
        ValueError: the words are about signed answers, and `ruleset_id` is empty.
    """
    standing, rules = words.standing, f"rules {ruleset_id}"
    if standing in _WITHOUT_ANSWERS:
        return BadgeText(standing, words.title, words.reason, _WITHOUT_ANSWERS[standing], words.reason)
    if not ruleset_id:
        raise ValueError(f"the face of {standing} needs the rules that were signed under")
    if standing is Standing.BADGE:
        line = " · ".join(part for part in (words.reason, words.until, words.documents) if part)
        return BadgeText(
            standing,
            ART_TITLE,
            line,
            f"Under {rules}. {NOT_WATCHED_SHORT}",
            f"{ruleset_id} · {words.until}",
            words.title,
        )
    counts = f", {words.until}" if words.until else ""
    return BadgeText(
        standing, words.title, words.reason, f"{SELF_CERTIFIED}, {rules}{counts}. {NOT_WATCHED_SHORT}", words.reason
    )


_WITHOUT_ANSWERS = {
    Standing.NOT_STATED: "Nothing here is self-certified. You can ask.",
    Standing.REVOKED: _NOTHING,
    Standing.SUSPENDED: _NOTHING,
    Standing.RETIRED: _NOTHING,
}
