"""The prints that the experiments learn from: SOCOFing where it is present, else artificial prints like it."""

import hashlib
import json
import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

ROOT = Path(__file__).resolve().parents[3]
SIDE = 96
DPI = 200
"""Of SOCOFing's pictures and of the artificial prints made to be like them."""

ALTERATIONS = ("obliteration", "central-rotation", "z-cut")
LEVELS = ("easy", "medium", "hard")

_REAL_NAME = re.compile(r"^(\d+)__[MF]_(Left|Right)_(thumb|index|middle|ring|little)_finger\.png$")


@dataclass(frozen=True)
class Prints:
    """Prints and whose they are, in one order."""

    source: str
    paths: tuple
    images: np.ndarray
    """uint8 [n, 96, 96]: dark ridges on light."""
    finger: np.ndarray
    """int [n]: equal for the impressions of one finger."""
    person: np.ndarray
    """int [n]: equal for the fingers of one person; artificial fingers are people of their own."""

    @property
    def data(self):
        """What a result says about its data; the hash is of pixels and fingers, in order."""
        digest = hashlib.sha256(self.images.tobytes() + self.finger.astype("<i4").tobytes()).hexdigest()
        return {
            "source": self.source,
            "prints": len(self.images),
            "fingers": len(set(self.finger.tolist())),
            "sha256": digest,
        }

    def of(self, chosen):
        """The prints at these places (or where a mask is true)."""
        places = np.arange(len(self.images))[chosen]
        paths = tuple(self.paths[i] for i in places)
        return Prints(self.source, paths, self.images[places], self.finger[places], self.person[places])

    def split_people(self, share):
        """The prints of most people, and those of the last `share` of them, whom nothing is learned from."""
        people = np.unique(self.person)
        held_out = np.isin(self.person, people[len(people) - max(1, round(share * len(people))) :])
        return self.of(~held_out), self.of(held_out)


def scans(people, work):
    """One scan each of the fingers of up to `people` people: SOCOFing's where it is there, else as many artificial."""
    folder = _real_folder()
    if folder is None:
        # An artificial finger is a person of its own; SOCOFing knows ten of each.
        return touches(10 * people, 1, work)
    found = []
    for path in folder.iterdir():
        match = _REAL_NAME.match(path.name)
        if match and int(match.group(1)) <= people:
            found.append((int(match.group(1)), path.name, path))
    found.sort()
    paths = tuple(path for _, _, path in found)
    person = np.array([number for number, _, _ in found])
    return Prints("SOCOFing", paths, _read(paths), np.arange(len(paths)), person)


def touches(fingers, impressions, work, seed=5):
    """Several touches each of fingers that nobody has, on a sensor like SOCOFing's."""
    folder = Path(work) / f"touches-{fingers}x{impressions}"
    if "sha256" not in _manifest(folder):
        whorl(
            *("synthesize", "--sensor", "socofing", "--severity", "0.5", "--seed", str(seed), "--jobs", "1"),
            *("--fingers", str(fingers), "--impressions", str(impressions), "--out", str(folder)),
        )
    names = [(finger, touch) for finger in range(1, fingers + 1) for touch in range(1, impressions + 1)]
    paths = tuple(folder / f"{finger}_{touch}.png" for finger, touch in names)
    finger = np.array([number for number, _ in names])
    return Prints("artificial", paths, _read(paths), finger, finger)


def altered(prints, work):
    """Each print altered in every way and to every level, by this repository's `whorl alter`.

    :returns: uint8 [n, 3 levels, 3 alterations, 96, 96]
    """
    folder = Path(work) / f"altered-{prints.data['sha256'][:12]}"
    done = folder / "done"
    if not done.exists():
        # The words of a command have limits: some hundred paths at a time.
        for begin in range(0, len(prints.paths), 500):
            some = [str(path) for path in prints.paths[begin : begin + 500]]
            whorl("alter", *some, "--dpi", str(DPI), "--out", str(folder))
        done.touch()
    paths = [folder / f"{p.stem}_{kind}_{level}.png" for p in prints.paths for level in LEVELS for kind in ALTERATIONS]
    return _read(paths).reshape(len(prints.paths), len(LEVELS), len(ALTERATIONS), SIDE, SIDE)


def whorl(*words):
    """Runs this repository's command line; what it says with --json, as an object."""
    command = ["node", str(ROOT / "device" / "cli" / "whorl.mjs"), "--json", *words]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(f"whorl {words[0]} failed: {done.stdout.strip() or done.stderr.strip()}")
    return json.loads(done.stdout)


def write_png(path, image):
    """Writes an [h, w] picture, uint8 or 0 to 1, at the prints' resolution."""
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = image if image.dtype == np.uint8 else np.clip(image * 255 + 0.5, 0, 255).astype(np.uint8)
    Image.fromarray(pixels).save(path, dpi=(DPI, DPI))


def read_gray(path):
    """A picture file as uint8 [h, w]."""
    return np.asarray(Image.open(path).convert("L"))


def _real_folder():
    data = os.environ.get("WHORL_DATA")
    folder = (Path(data) if data else ROOT.parent / "shared" / "data") / "socofing-real"
    return folder if folder.is_dir() else None


def _manifest(folder):
    path = folder / "manifest.json"
    return json.loads(path.read_text()) if path.exists() else {}


def _read(paths):
    return np.stack([_fit(read_gray(path)) for path in paths])


def _fit(image):
    """Cut or filled up with white to 96 × 96 about its middle."""
    fitted = np.full((SIDE, SIDE), 255, np.uint8)
    (height, width), (rows, columns) = image.shape, (min(SIDE, image.shape[0]), min(SIDE, image.shape[1]))
    top, left = (height - rows) // 2, (width - columns) // 2
    down, right = (SIDE - rows) // 2, (SIDE - columns) // 2
    fitted[down : down + rows, right : right + columns] = image[top : top + rows, left : left + columns]
    return fitted
