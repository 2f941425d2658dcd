"""Where things lie. Everything that is made lies under build/quality; HPOSEARCH_QUALITY moves it."""
import os

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
MADE = os.environ.get("HPOSEARCH_QUALITY", os.path.join(ROOT, "build", "quality"))

TRACES = os.path.join(MADE, "traces")
ERRORS = os.path.join(MADE, "errors.jsonl")
BASELINES = os.path.join(MADE, "baselines.json")
EVALUATIONS = os.path.join(MADE, "evaluations.sqlite")
HEBO_PYTHON = os.path.join(MADE, "venv-hebo", "bin", "python")

RECORDED = os.path.join(HERE, "recorded")
RECORDED_BASELINES = os.path.join(RECORDED, "baselines.json")
DOCUMENT = os.path.join(ROOT, "docs", "quality.md")
PLOT = os.path.join(ROOT, "docs", "quality.svg")
