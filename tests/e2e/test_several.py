"""What several chosen things have in common, and words that follow what they speak of."""

PAIR = {
    "format": "kirchhoff-circuit/1",
    "name": "Three of a kind",
    "nodes": [
        {"id": "a", "voltage": 1.0, "x": 0, "y": 0},
        {"id": "b", "voltage": 0.25, "role": "output", "x": 160, "y": 0},
        {"id": "c", "voltage": 0.0, "x": 320, "y": 0},
    ],
    "slices": [
        {
            "duration": 1.0,
            "devices": [
                {"id": "r1", "kind": "resistor", "source": "a", "target": "b",
                 "params": {"conductance": 1.0}},
                {"id": "r2", "kind": "resistor", "source": "b", "target": "c",
                 "params": {"conductance": 2.0}, "trainable": False},
            ],
        }
    ],
}  # fmt: skip


def test_fields_of_several_say_so_and_set_all(desk, tmp_path):
    desk.open_circuit(PAIR, tmp_path)
    desk.fresh()
    desk.press("Control+a")
    desk.tab("node")
    pane = desk.page.locator("#pane-node")
    volts = pane.get_by_label("Start voltage in V")
    assert (volts.input_value(), volts.get_attribute("placeholder")) == ("", "several")
    assert pane.get_by_label("Capacitance to ground in F").input_value() == "1"
    assert "several" in pane.locator(".field", has_text="Role").inner_text()
    volts.fill("0.5")
    volts.press("Enter")
    desk.until("kd.debug.doc().nodes.every((node) => node.voltage === 0.5)")
    assert volts.input_value() == "0.5"
    desk.tab("device")
    pane = desk.page.locator("#pane-device")
    siemens = pane.get_by_label("Conductance in S")
    assert (siemens.input_value(), siemens.get_attribute("placeholder")) == ("", "several")
    assert pane.get_by_label("Trainable").evaluate("(box) => box.indeterminate")
    siemens.press("Enter")  # nothing typed, nothing said, nothing changed
    assert pane.locator(".field-problem:not(:empty)").count() == 0
    siemens.fill("3")
    siemens.press("Enter")
    desk.until(
        "kd.debug.doc().slices[0].devices.every((device) => device.params.conductance === 3)"
    )


def test_words_follow_the_ends_of_a_device(desk, tmp_path):
    desk.open_circuit(PAIR, tmp_path)
    desk.fresh()
    desk.select_device("r1")
    values = desk.page.locator("#pane-device dl")
    assert "At a\n" in values.inner_text().split("At b")[0]
    first = "document.querySelectorAll('#pane-device dl dt')[2].textContent"
    desk.page.locator('#pane-device [aria-label="Swap the ends"]').click()
    desk.until(f"{first} === 'At b'")
    desk.page.locator('#topbar [data-command="undo"]').click()
    desk.until(f"{first} === 'At a'")
    field = desk.page.locator("#pane-device").get_by_label("Conductance in S")
    field.fill("much")
    field.press("Enter")
    problem = desk.page.locator("#pane-device .field-problem:not(:empty)")
    problem.wait_for()
    desk.page.locator("#pane-device h3").first.click()
    field.press("Escape")
    assert problem.count() == 0


def test_the_lane_says_why_it_is_empty(desk, tmp_path):
    desk.open_circuit(PAIR, tmp_path)
    desk.fresh()
    desk.tab("circuit")
    desk.page.get_by_label("Compute the adjoint circuit").click()
    desk.lane("adjoint")
    desk.until("document.querySelector('#scope .scope-hint').textContent.includes('switched off')")
    assert desk.page.locator("#scope .scope-hint").is_visible()
    desk.page.get_by_label("Compute the adjoint circuit").click()
    desk.until("document.querySelector('#scope .scope-hint').hidden")


def test_two_circuits_of_one_name_are_told_apart_and_renamed(desk, tmp_path):
    for _ in range(2):
        desk.open_circuit({**PAIR, "name": "Twins"}, tmp_path)
        desk.saved()
        desk.page.locator("#topbar .brand").click()
        desk.until("document.documentElement.dataset.page === 'gallery' && !kd.debug.doc()")
    rows = desk.page.locator("#gallery-recent .recent-row", has_text="Twins")
    desk.until("[...document.querySelectorAll('.recent-name')]"
               ".filter((e) => e.textContent.startsWith('Twins')).length === 2")  # fmt: skip
    assert rows.nth(0).inner_text() != rows.nth(1).inner_text()
    rows.nth(0).hover()
    rows.nth(0).get_by_label("Rename Twins").click()
    desk.page.keyboard.type("Only child")
    desk.press("Enter")
    desk.until("document.querySelector('#gallery-recent').textContent.includes('Only child')")
    assert rows.count() == 1
    assert "twins-" not in rows.inner_text()
