"""What every element of a circuitjs file is called, by the word that opens its line."""

ELEMENTS = {
    "a": "an operational amplifier",
    "A": "an antenna",
    "f": "a MOSFET",
    "I": "an inverter",
    "j": "a JFET",
    "L": "a logic input",
    "m": "a memristor",
    "M": "a logic output",
    "n": "a noise source",
    "S": "a changeover switch",
    "T": "a transformer",
    "z": "a Zener diode",
    "150": "an AND gate",
    "151": "a NAND gate",
    "152": "an OR gate",
    "153": "a NOR gate",
    "154": "an XOR gate",
    "155": "a D flip-flop",
    "156": "a JK flip-flop",
    "157": "a seven-segment display",
    "158": "a voltage-controlled oscillator",
    "159": "an analog switch",
    "160": "an analog changeover switch",
    "161": "a phase comparator",
    "162": "an LED",
    "163": "a ring counter",
    "164": "a counter",
    "165": "a 555 timer",
    "166": "a digital-to-analog converter",
    "167": "an analog-to-digital converter",
    "168": "a latch",
    "169": "a tapped transformer",
    "170": "a frequency sweep",
    "171": "a transmission line",
    "173": "a triode",
    "174": "a potentiometer",
    "175": "a tunnel diode",
    "176": "a varactor",
    "177": "a silicon-controlled rectifier",
    "178": "a relay",
    "179": "a current conveyor",
    "180": "a tri-state buffer",
    "181": "a lamp",
    "182": "a Schmitt trigger",
    "183": "an inverting Schmitt trigger",
    "184": "a multiplexer",
    "185": "a demultiplexer",
    "186": "a shift register",
    "187": "a spark gap",
    "188": "a sequence generator",
    "189": "a shift register",
    "193": "a T flip-flop",
    "194": "a monostable",
    "195": "a half adder",
    "196": "a full adder",
    "197": "a seven-segment decoder",
    "200": "an amplitude-modulated source",
    "201": "a frequency-modulated source",
    "203": "a diac",
    "206": "a triac",
    "208": "custom logic",
    "212": "a voltage-controlled voltage source",
    "213": "a voltage-controlled current source",
    "214": "a current-controlled voltage source",
    "215": "a current-controlled current source",
    "216": "an ohmmeter",
    "350": "a thermistor",
    "374": "a light-dependent resistor",
    "400": "a Darlington pair",
    "401": "a comparator",
    "402": "a transconductance amplifier",
    "404": "a fuse",
    "405": "an LED array",
    "406": "a custom transformer",
    "407": "an optocoupler",
    "408": "a stop trigger",
    "409": "a real operational amplifier",
    "410": "a subcircuit",
    "411": "an audio input",
    "412": "a crystal",
    "413": "a static memory",
    "414": "a time delay relay",
    "415": "a DC motor",
    "416": "a make-before-break switch",
    "417": "a unijunction transistor",
    "418": "an external voltage",
    "419": "a decimal display",
    "420": "a wattmeter",
    "421": "a counter",
    "422": "a delay buffer",
    "424": "a data input",
    "425": "a relay coil",
    "426": "a relay contact",
    "427": "a three-phase motor",
    "428": "a motor protection switch",
    "429": "a double-pole changeover switch",
    "430": "a cross switch",
}
"""Those that are not read; the table of the reader has the others."""


def escaped(text: str) -> str:
    """A text as one word of a line."""
    for plain, written in _ESCAPES:
        text = text.replace(plain, written)
    return text or "\\0"


def unescaped(word: str) -> str:
    """The text in a word of a line."""
    if word == "\\0":
        return ""
    letters, text = iter(word), ""
    for letter in letters:
        text += letter if letter != "\\" else _PLAIN.get(following := next(letters, ""), following)
    return text


_ESCAPES = (
    ("\\", "\\\\"), ("\n", "\\n"), (" ", "\\s"), ("+", "\\p"), ("=", "\\q"), ("#", "\\h"),
    ("&", "\\a"),
)  # fmt: skip
_PLAIN = {written[1]: plain for plain, written in _ESCAPES}
