"""What a node and its loss do, explained in place: currents, the nudge, the checks, the help."""

import re

import pytest

NUMBER = r"(−?[\d.]+(?: × 10[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)?)"


def value(text: str) -> float:
    """A number as the page writes it."""
    found = re.search(NUMBER, text)
    assert found, text
    plain = found[1].replace("−", "-")
    if "×" in plain:
        digits, power = plain.split(" × 10")
        return float(digits) * 10.0 ** int(
            power.translate(str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789"))
        )
    return float(plain)


def test_a_nudge_moves_the_loss_as_lambda_says(desk):
    desk.open_example("Five voltages, sorted")
    desk.pause()
    node = desk.debug("doc().nodes[1].id")
    desk.select(node)
    pane = desk.page.locator("#pane-node")
    pane.get_by_role("button", name="Nudge", exact=True).click()
    desk.until("document.querySelectorAll('.nudge-table td').length === 2")
    moved, said = (value(text) for text in pane.locator(".nudge-table td").all_inner_texts())
    assert moved == pytest.approx(said, rel=0.3)
    desk.lane("adjoint")
    shown = desk.debug(f"valueAt('{node}')")
    assert said == pytest.approx(0.01 * shown, rel=2e-3)
    assert "✓" in pane.locator(".nudge .check-result").inner_text()


def test_the_arrows_at_a_node_sum_to_what_charges_it(desk):
    desk.open_example("Five voltages, sorted")
    desk.pause()
    desk.select(desk.debug("doc().nodes[0].id"))
    pane = desk.page.locator("#pane-node")
    ways = pane.locator(".node-devices .kcl-arrow").evaluate_all(
        "all => all.map(a => a.dataset.way)"
    )
    texts = pane.locator(".node-devices .device-current").all_inner_texts()
    assert len(ways) == len(texts) > 1
    for way, text in zip(ways, texts, strict=True):
        assert way == "none" or (way == "out") == text.startswith("−")
    assert "charges the capacitor" in pane.locator(".kcl-words").inner_text()


def test_a_term_leads_to_its_formula_and_source(desk):
    desk.open_example("RC pair")
    desk.select("a")
    desk.page.locator("#pane-node .term", has_text="λ").first.click()
    found = desk.page.locator("#dialog-shortcuts .help-found")
    found.wait_for()
    assert "∂L/∂v(t)" in found.inner_text()
    assert "Chen et al. 2018" in found.inner_text()
    desk.page.locator("#dialog-shortcuts").get_by_role("tab", name="Glossary").click()
    desk.page.get_by_label("Formula of Bode plot").click()
    desk.until("document.querySelector('.help-found h4')?.textContent === 'Bode plot'")
    desk.press("Escape")
    desk.press("?")
    desk.page.locator("#dialog-shortcuts kbd").first.wait_for()
    desk.press("Escape")


def test_a_sentence_stands_under_every_number(desk):
    desk.open_example("RC pair")
    desk.select("a")
    words = """[...document.querySelectorAll('#pane-node .reading dd')].map((e) =>
        getComputedStyle(e, '::after').content)"""
    assert all(text == "none" for text in desk.page.evaluate(words))
    switch = desk.page.locator("#pane-node .explain-switch")
    switch.click()
    shown = desk.page.evaluate(words)
    assert len(shown) == 6
    assert all(len(text) > 10 for text in shown)
    desk.until("document.querySelector('.mode-words').textContent.startsWith('Watch')")
    switch.click()
    assert not desk.page.locator(".mode-words").is_visible()
