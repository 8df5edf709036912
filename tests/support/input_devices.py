"""Two ways to use a page: with a mouse, and with nothing but a keyboard."""

from dataclasses import dataclass
from typing import Protocol

from playwright.sync_api import ElementHandle, Error, Locator, Page, expect

MAX_TABS = 250
"""More presses of the Tab key than any page has stops; arbitrary."""
MAX_ARROWS = 60
"""More options than any list has; arbitrary."""

# Both answer null for an element that a script has replaced.
HAS_FOCUS = "element => element.isConnected ? element === document.activeElement : null"
GROUP_HAS_FOCUS = """element => {
  if (!element.isConnected) return null;
  const { name, type } = document.activeElement;
  return type === element.type && name === element.name && element.form === document.activeElement.form;
}"""
IS_OUTLINED = """element => {
  const looks = getComputedStyle(element);
  return looks.outlineStyle !== "none" && parseFloat(looks.outlineWidth) >= 2;
}"""


class InputDevice(Protocol):
    """Who uses a page; `page` is what they look at."""

    page: Page

    def press(self, what: Locator) -> None:
        """Follow a link or press a button."""

    def write(self, where: Locator, text: str) -> None:
        """Replace what stands in a text field."""

    def tick(self, choice: Locator) -> None:
        """Choose a radio button or a checkbox."""

    def pick(self, menu: Locator, option: str) -> None:
        """Choose an option of a select field by its words."""


@dataclass
class Mouse:
    """Points and clicks."""

    page: Page

    def press(self, what: Locator) -> None:
        what.click()

    def write(self, where: Locator, text: str) -> None:
        where.fill(text)

    def tick(self, choice: Locator) -> None:
        choice.check()

    def pick(self, menu: Locator, option: str) -> None:
        menu.select_option(label=option)


@dataclass
class Keyboard:
    """Tab, arrows, Space, Enter and letters; every stop on the way must be seen."""

    page: Page

    def press(self, what: Locator) -> None:
        self.go_to(what)
        assert what.evaluate(IS_OUTLINED), f"nobody sees that the focus is on {what}"
        self.page.keyboard.press("Enter")

    def write(self, where: Locator, text: str) -> None:
        self.go_to(where)
        self.page.keyboard.press("ControlOrMeta+A")
        self.page.keyboard.type(text)
        expect(where).to_have_value(text)

    def tick(self, choice: Locator) -> None:
        if choice.get_attribute("type") == "checkbox":
            self.go_to(choice)
            if not choice.is_checked():
                self.page.keyboard.press("Space")
        else:
            # All radio buttons of a group are one stop; the arrows go from one to the next and choose it.
            self.go_to(choice, GROUP_HAS_FOCUS)
            for _ in range(MAX_ARROWS):
                if choice.is_checked():
                    break
                self.page.keyboard.press("ArrowDown")
        expect(choice).to_be_checked()

    def pick(self, menu: Locator, option: str) -> None:
        self.go_to(menu)
        self.page.keyboard.type(option)
        expect(menu.locator("option:checked")).to_have_text(option)

    def go_to(self, what: Locator, arrived: str = HAS_FOCUS) -> None:
        """Press Tab until the focus is there."""
        expect(what).to_be_visible()
        # The element itself, because to find it again by its role at each stop takes longer than the stop.
        element = what.element_handle()
        for _ in range(MAX_TABS):
            match _ask(element, arrived):
                case True:
                    return
                case None:
                    element = what.element_handle()
                case _:
                    self.page.keyboard.press("Tab")
        raise AssertionError(f"the Tab key never comes to {what}")


def _ask(element: ElementHandle, question: str) -> bool | None:
    """The answer of a script; None where the element is gone, alone or with its page."""
    try:
        return element.evaluate(question)
    except Error:
        return None
