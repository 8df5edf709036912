"""The text in the badge art: the name of the provider and three short lines, or one line for the small size."""

from dataclasses import dataclass, replace

from directory.badges.plain_letters import plain_letters
from directory.certification.wording import ART_TITLE, SELF_CERTIFIED, Standing, StandingWords

NOT_WATCHED_SHORT = "We did not watch."
"""A shorter form of `wording.NOT_WATCHED`, because the art has little space."""

_ISOLATE, _END_ISOLATE = "\u2068", "\u2069"

_NOTHING = "Nothing here is self-certified today."


@dataclass(frozen=True, slots=True)
class BadgeText:
    """The text of each line of the art; `brief` and `brief_title` are for the small size.

    A badge is drawn as a solid tag, everything else as an outline. `name` is the provider's, empty where none is shown;
    `plain_name` stands for it where only plain letters can be drawn.
    """

    standing: Standing
    title: str
    line: str
    note: str
    brief: str
    brief_title: str = ""
    name: str = ""
    plain_name: str = ""

    @property
    def solid(self) -> bool:
        """Whether this is a badge, which is drawn solid."""
        return self.standing is Standing.BADGE

    @property
    def sentence(self) -> str:
        """The whole text, as the accessible name of the art."""
        # Isolated, so that a name written from right to left leaves the order of the other parts alone.
        name = f"{_ISOLATE}{self.name}{_END_ISOLATE}" if self.name else ""
        return " · ".join(part for part in (self.title, name, self.line, self.note) if part)

    def in_plain_letters(self) -> "BadgeText":
        """The same text for a font that has only plain letters."""
        return replace(self, name=self.plain_name)


def badge_text(words: StandingWords, ruleset_id: str = "", *, name: str, slug: str) -> BadgeText:
    """The text for the words of a standing.

    Args:
        words: the words.
        ruleset_id: the ruleset under which the answers were signed.
        name: the provider's name when the answers were signed; empty to show none.
        slug: the slug of the listing, which stands for a name that plain letters cannot spell.

    Raises:
        ValueError: the words are about signed answers, and `ruleset_id` is empty.
    """
    # Control characters would break the SVG or disguise the name.
    shown = " ".join("".join(letter if letter.isprintable() else " " for letter in name).split())
    return replace(
        _without_name(words, ruleset_id), name=shown, plain_name=shown and (plain_letters(shown) or f"Listing {slug}")
    )


def _without_name(words: StandingWords, ruleset_id: str) -> BadgeText:
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
