"""Pictures for the README: curves as SVG, sheets of prints as PNG. Only artificial prints are ever drawn."""

import numpy as np
from PIL import Image, ImageDraw

INK, PAPER, FAINT = "#1c2733", "#ffffff", "#d5dbe1"
COLOURS = ("#0a7d76", "#c77700", "#6b4fa0", "#b3261e", "#3a6ea5", "#5d6b78")
"""The first two are those of `whorl compare --explain`."""


def chart(path, title, across, up, series, log_across=False):
    """Lines in one frame.

    :param series: name to (xs, ys), in order of colours; a name that ends in " (dashed)" is drawn so
    """
    width, height, left, top, right, bottom = 640, 400, 64, 44, 16, 48
    xs = np.concatenate([np.asarray(x, float) for x, _ in series.values()])
    ys = np.concatenate([np.asarray(y, float) for _, y in series.values()])
    low, high = float(min(0, ys.min())), float(ys.max()) * 1.05 or 1.0
    scale = np.log2 if log_across else np.asarray
    begin, end = float(scale(xs.min())), float(scale(xs.max()))

    def place(x, y):
        return (
            left + (float(scale(x)) - begin) / ((end - begin) or 1) * (width - left - right),
            height - bottom - (y - low) / (high - low) * (height - top - bottom),
        )

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        f'font-family="sans-serif" font-size="12" fill="{INK}"><rect width="100%" height="100%" fill="{PAPER}"/>',
        f'<text x="{left}" y="18" font-size="14" font-weight="bold">{title}</text>',
        f'<text x="{(left + width - right) / 2}" y="{height - 10}" text-anchor="middle">{across}</text>',
        f'<text transform="translate(14 {(top + height - bottom) / 2}) rotate(-90)" text-anchor="middle">{up}</text>',
    ]
    for y in np.linspace(low, high / 1.05, 6):
        _, v = place(xs.min(), y)
        parts.append(f'<path d="M{left} {v:.1f}H{width - right}" stroke="{FAINT}"/>')
        parts.append(f'<text x="{left - 6}" y="{v + 4:.1f}" text-anchor="end">{y:.3g}</text>')
    for x in np.unique(xs) if log_across else np.linspace(xs.min(), xs.max(), 6):
        u, _ = place(x, low)
        parts.append(f'<text x="{u:.1f}" y="{height - bottom + 16}" text-anchor="middle">{x:.3g}</text>')
    for number, (name, (x, y)) in enumerate(series.items()):
        colour = COLOURS[number % len(COLOURS)]
        label, dashed = name.replace(" (dashed)", ""), name.endswith(" (dashed)")
        line = " ".join("{:.1f},{:.1f}".format(*place(a, b)) for a, b in zip(x, y))
        dash = ' stroke-dasharray="6 4"' if dashed else ""
        parts.append(f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="2"{dash}/>')
        row = top + 6 + 16 * number
        parts.append(f'<path d="M{width - 190} {row}h22" stroke="{colour}" stroke-width="2"{dash}/>')
        parts.append(f'<text x="{width - 162}" y="{row + 4}">{label}</text>')
    path.write_text("\n".join([*parts, "</svg>"]) + "\n")


def thinned(x, y, points=200):
    """A curve with many points, by few."""
    places = np.unique(np.linspace(0, len(x) - 1, points).astype(int))
    return np.asarray(x)[places], np.asarray(y)[places]


def sheet(path, rows, zoom, labels=(), gap=4):
    """Rows of pictures (0 to 1, or uint8 with or without colour), each enlarged `zoom` times, labels left of them."""
    cells = [[_rgb(picture) for picture in row] for row in rows]
    margin = 10 + 7 * max((len(label) for label in labels), default=0) if labels else 0
    high, wide = max(p.shape[0] for row in cells for p in row), max(p.shape[1] for row in cells for p in row)
    columns = max(len(row) for row in cells)
    size = (margin + columns * (wide * zoom + gap) + gap, len(cells) * (high * zoom + gap) + gap)
    paper = Image.new("RGB", size, PAPER)
    pen = ImageDraw.Draw(paper)
    for r, row in enumerate(cells):
        y = gap + r * (high * zoom + gap)
        if labels:
            pen.text((6, y + high * zoom / 2 - 6), labels[r], fill=INK)
        for c, picture in enumerate(row):
            enlarged = Image.fromarray(picture).resize((picture.shape[1] * zoom, picture.shape[0] * zoom), 0)
            paper.paste(enlarged, (margin + gap + c * (wide * zoom + gap), y))
    paper.save(path)
    thin(path)


def thin(path):
    """Rewrites a PNG file in 256 colours: it lies in a repository for ever."""
    with Image.open(path) as picture:
        few = picture.convert("RGB").quantize(256)
    few.save(path, optimize=True)


def heat(image, value):
    """A print with what spoke for (green) and against (orange) laid over it; value from −1 to 1, [h, w]."""
    base = _rgb(image).astype(float) * 0.55 + 255 * 0.45
    strength = np.clip(np.abs(value), 0, 1)[..., None] * 0.8
    green, orange = np.array([10, 125, 118.0]), np.array([199, 119, 0.0])
    colour = np.where(value[..., None] >= 0, green, orange)
    return np.clip(base * (1 - strength) + colour * strength, 0, 255).astype(np.uint8)


def _rgb(picture):
    picture = np.asarray(picture)
    if picture.dtype != np.uint8:
        picture = np.clip(picture * 255 + 0.5, 0, 255).astype(np.uint8)
    return picture if picture.ndim == 3 else np.repeat(picture[..., None], 3, axis=2)
