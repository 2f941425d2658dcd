"""Mean regret against trials as an SVG picture: one panel for all problems and one for each kind."""
from math import log10

from optimisers import is_ours
from score import KINDS

WIDTH, HEIGHT = 290, 200  # of a panel, with its margins
LEFT, RIGHT, TOP, BOTTOM = 42, 14, 24, 30
TRIALS, DECADES = 200, 4  # the axes end here
SHOWN = {"hposearch": "#c1121f", "ax": "#0b6e99", "optuna-gp": "#2a9d8f", "skopt": "#8d5fb0", "hebo": "#d98324",
         "optuna-tpe": "#4f772d", "optuna-tpe-uni": "#90a955", "smac": "#6b705c", "cma": "#3d405b", "nevergrad": "#b56576",
         "random": "#9a9a9a"}


def _x(trial):
    return LEFT + (WIDTH - LEFT - RIGHT) * trial / TRIALS


def _y(regret):
    depth = min(-log10(max(regret, 10.0**-DECADES)), DECADES)
    return TOP + (HEIGHT - TOP - BOTTOM) * depth / DECADES


def _text(x, y, text, anchor="middle", more=""):
    return f'<text x="{x:.0f}" y="{y:.0f}" text-anchor="{anchor}" {more}>{text}</text>'


def _line(curve, name):
    points = " ".join(f"{_x(i + 1):.1f},{_y(value):.1f}" for i, value in enumerate(curve[:TRIALS]))
    width = 2.4 if is_ours(name) else 1.2
    return f'<polyline points="{points}" fill="none" stroke="{SHOWN[name]}" stroke-width="{width}"/>'


def _axes(title):
    right, bottom = WIDTH - RIGHT, HEIGHT - BOTTOM
    parts = [_text((LEFT + right) / 2, 15, title, more='font-weight="bold"')]
    for decade in range(DECADES + 1):
        y = _y(10.0**-decade)
        parts += [f'<line x1="{LEFT}" y1="{y:.1f}" x2="{right}" y2="{y:.1f}" stroke="#e4e4e4"/>',
                  _text(LEFT - 5, y + 4, "1" if not decade else f"1e-{decade}", "end")]
    parts += [_text(_x(trial), bottom + 14, trial) for trial in (0, 50, 100, 150, 200)]
    parts.append(f'<path d="M{LEFT},{TOP} V{bottom} H{right}" fill="none" stroke="#555"/>')
    return parts


def _panel(scores, title, problems, names):
    curves = {name: scores.curve(name, problems) for name in names}
    lines = [_line(curve, name) for name, curve in reversed(curves.items()) if len(curve)]
    return _axes(title) + lines


def _legend(names):
    parts = []
    for i, name in enumerate(names):
        y = 30 + 15 * i
        parts += [f'<line x1="40" y1="{y}" x2="66" y2="{y}" stroke="{SHOWN[name]}" stroke-width="{2.4 if is_ours(name) else 1.2}"/>',
                  _text(74, y + 4, name, "start")]
    return parts


def draw(scores, problems):
    names = [name for name in SHOWN if name in scores.traces]
    groups = {"all problems": problems}
    for kind, title in KINDS.items():
        groups[title] = [p for p in problems if scores.baselines[p]["kind"] == kind]
    panels = [_panel(scores, title, members, names) for title, members in groups.items() if members] + [_legend(names)]
    columns = 4
    rows = -(-len(panels) // columns)
    width, height = columns * WIDTH, rows * HEIGHT + 20
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" font-size="11">',
             f'<rect width="{width}" height="{height}" fill="white"/>']
    for i, panel in enumerate(panels):
        x, y = i % columns * WIDTH, i // columns * HEIGHT
        parts += [f'<g transform="translate({x},{y})">', *panel, "</g>"]
    parts.append(_text(width / 2, height - 6, "mean normalised regret of the best trial (0 the optimum, 1 a median random "
                       "point) against the number of trials"))
    return "\n".join(parts + ["</svg>"]) + "\n"
