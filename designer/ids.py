"""Every component id of the page, one constant each; browser modules find elements by them."""

# Pages and frame
STUDIO = "studio"
MANTINE = "mantine"
PAGE_GALLERY = "page-gallery"
PAGE_WORKSPACE = "page-workspace"
PAGE_LEARN = "page-learn"

# Gallery (filled by assets/modules/panels/gallery.mjs)
GALLERY_HERO = "gallery-hero"
GALLERY_HERO_TITLE = "gallery-hero-title"
GALLERY_HERO_TEXT = "gallery-hero-text"
GALLERY_HERO_OPEN = "gallery-hero-open"
GALLERY_RUNS = "gallery-runs"
GALLERY_LIST = "gallery-list"
GALLERY_RECENT = "gallery-recent"
GALLERY_LESSONS = "gallery-lessons"
GALLERY_OPEN = "gallery-open"
GALLERY_NEW = "gallery-new"

# Lessons (filled by assets/modules/panels/learn)
LEARN_LIST = "learn-list"
LESSON = "lesson"  # the text beside the workspace

# Top bar
TOPBAR = "topbar"
CIRCUIT_NAME_SLOT = "circuit-name-slot"  # bridge.js puts the native input "circuit-name" here
SAVED_BADGE = "saved-badge"
MODE_SWITCH = "mode-switch"
RUN_CHIP = "run-chip"
RUN_CHIP_TEXT = "run-chip-text"
THEME_TOGGLE = "theme-toggle"
HELP = "help"

# Board
TOOLSTRIP = "toolstrip"
BOARD = "board"
BOARD_CY = "board-cy"
BOARD_LEGEND = "board-legend"
BOARD_PROBLEMS = "board-problems"
BOARD_HINT = "board-hint"
BOARD_MINIMAP = "board-minimap"

# Side column
SIDE = "side"
INSPECTOR = "inspector"
PANEL_GENERATE = "panel-generate"
PANEL_TRAIN = "panel-train"
PANEL_RUNS = "panel-runs"
PANEL_EXPORT = "panel-export"

# Dock
DOCK = "dock"
DOCK_HANDLE = "dock-handle"
DOCK_BAR = "dock-bar"
DOCK_SIMULATE = "dock-simulate"
DOCK_TRAIN = "dock-train"
DOCK_EXPORT = "dock-export"
TRANSPORT = "transport"
LANE_SWITCH = "lane-switch"
EPOCH_RULER = "epoch-ruler"  # filled by assets/modules/panels/runs/epoch_ruler.mjs
SCOPE = "scope"
DOCK_FREQUENCY = "dock-frequency"
DOCK_TABLE = "dock-table"
SHEET = "sheet"  # filled by assets/modules/panels/sheet/sheet_view.mjs
BODE = "bode"  # filled by assets/modules/panels/small_signals/bode_view.mjs
TRAIN_CURVES = "train-curves"
TRAIN_EXTRA = "train-extra"
TRAIN_EXTRA_BOX = "train-extra-box"
TRAIN_EMPTY = "train-empty"
RUNS_DIFFERENCES = "runs-differences"  # filled by assets/modules/panels/runs/differences.mjs
RUNS_SWEEPS = "runs-sweeps"  # filled by assets/modules/panels/sweeps/sweeps.mjs
VERIFY_FIGURE = "verify-figure"
FIGURES = (VERIFY_FIGURE,)  # those that a callback makes

# Messages and dialogs
TOAST = "toast"
BANNER = "banner"
DIALOG_SHORTCUTS = "dialog-shortcuts"
DIALOG_PALETTE = "dialog-palette"
FILE_INPUT_SLOT = "file-input-slot"  # bridge.js puts the native input "file-input" here
A11Y_LIVE = "a11y-live"

# Stores: between the browser's document and Python
DOC_OUT = "doc-out"  # browser -> Python: {id, revision, circuit}
DOC_IN = "doc-in"  # Python -> browser: {circuit, label, nonce}
SELECTION = "sel"
TOAST_IN = "toast-in"  # Python -> browser: {message, kind, nonce}
MODE_OUT = "mode-out"  # browser -> Python
THEME_OUT = "theme-out"  # browser -> Python
DOWNLOAD = "download"
SINK = "sink"  # output of clientside callbacks that only have an effect

# Generate panel
GENERATE_TOPOLOGY = "generate-topology"
GENERATE_SEED = "generate-seed"
GENERATE_RUN = "generate-run"
GENERATE_NOTE = "generate-note"
GENERATE_DOC = "generate-doc"
GENERATE_FIELDS = "generate-fields"  # store: what every topology shows
GENERATE_SHOWN = "generate-shown"  # store: the topology whose defaults stand in the form

# Train panel
TRAIN_DATASET = "train-dataset"
TRAIN_MODEL = "train-model"
TRAIN_RECIPES = "train-recipes"
TRAIN_RECIPES_BOX = "train-recipes-box"
TRAIN_SOURCE = "train-source"
TRAIN_SOURCE_BOX = "train-source-box"
TRAIN_NAME = "train-name"
TRAIN_MORE = "train-more"
TRAIN_FIELDS = "train-fields"
TRAIN_DATA = "train-data"  # filled by assets/modules/panels/data_panel.mjs
TRAIN_CIRCUIT = "train-circuit"  # likewise
TRAIN_OPTIONS = "train-options"  # store, browser -> Python: {dataset, options}
TRAIN_RECIPE = "train-recipe"  # store of the browser: {values, fresh}
TRAIN_FILLED = "train-filled"  # store of the browser: the recipe that stands in the form
TRAIN_START = "train-start"
TRAIN_STOP = "train-stop"
TRAIN_RESUME = "train-resume"
TRAIN_NOTE = "train-note"
TRAIN_RUN_CARD = "train-run-card"
TRAIN_RUN_TITLE = "train-run-title"
TRAIN_RUN_STATE = "train-run-state"
TRAIN_PROGRESS = "train-progress"
TRAIN_PROGRESS_TEXT = "train-progress-text"
TRAIN_STAT_LOSS = "train-stat-loss"
TRAIN_STAT_SCORE_TITLE = "train-stat-score-title"
TRAIN_STAT_SCORE = "train-stat-score"
TRAIN_STAT_BEST = "train-stat-best"
TRAIN_STAT_FINER = "train-stat-finer"
TRAIN_STAT_PEAK = "train-stat-peak"
TRAIN_WARNING = "train-warning"
TRAIN_STAT_TIME = "train-stat-time"
TRAIN_BOOKS = "train-books"  # filled by assets/modules/panels/run_card.mjs
TRAIN_NO_CIRCUIT = "train-no-circuit"
TRAIN_OPEN = "train-open"
TRAIN_WEIGHTS = "train-weights"
TRAIN_EPOCH = "train-epoch"
TRAIN_EPOCH_TEXT = "train-epoch-text"
TRAIN_REPLAY_CARD = "train-replay-card"
TRAIN_BREAK_CARD = "train-break-card"
TRAIN_BREAK = "train-break"  # filled by assets/modules/panels/breaking/break_card.mjs
RUN_SELECTED = "run-selected"  # store: id of the run on show

# Runs panel (filled by assets/modules/panels/runs_list.mjs)
RUNS_GRID = "runs-grid"
RUNS_NOTE = "runs-note"
RUNS_COUNT = "runs-count"
RUNS_EMPTY = "runs-empty"  # why there are no rows

# Export panel
EXPORT_FORMAT = "export-format"
EXPORT_DIALECT = "export-dialect"
EXPORT_DIALECT_ROW = "export-dialect-row"
EXPORT_DOC = "export-doc"
EXPORT_DOWNLOAD = "export-download"
EXPORT_NOTE = "export-note"
EXPORT_LANE = "export-lane"  # filled by assets/modules/panels/lane_card.mjs
ONE_FILE_NOTE = "one-file-note"  # filled by panels/files/one_file.mjs, as the next three
RUN_FILE = "run-file"
RUN_FILE_TITLE = "run-file-title"
RUN_FILE_NOTE = "run-file-note"
VERIFY_TOLERANCE = "verify-tolerance"
VERIFY_RUN = "verify-run"
VERIFY_NOTE = "verify-note"


def figure(box: str) -> str:
    """Id of the store of the figure that the browser draws into a box."""
    return f"{box}-figure"


def train_stat(metric: str) -> str:
    """Id of a figure of the test set in the card of a run, beside its score."""
    return f"train-stat-test-{metric}"


def parameter(form: str, group: str, name: str) -> str:
    """Id of the input of one parameter in a form, e.g. ``form-generate-ring-nodes``."""
    return f"form-{form}-{group}-{name}"


def form(form: str, group: str) -> str:
    """Id of the box holding one group of inputs, e.g. ``form-generate-ring``."""
    return f"form-{form}-{group}"
