"""What is written in figures can be read: contrast, room, and one ground for all pages."""

from functools import cache

import numpy as np
import plotted
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgb
from matplotlib.text import Text

from superposition.figures import FIGURES, style

_DPI = 72
_OTHER = 0.3
"""Part of what is behind a label that may be lines, marks or edges instead of its ground."""
_APART = 1.5
"""Points that labels are apart from one another and from frames, or more."""
_BELOW = 0.2
"""Room for descenders below the letters of a label, in parts of their size."""


def luminance(rgb):
    """As the web's accessibility guidelines define it."""
    rgb = np.asarray(rgb)
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    return linear @ [0.2126, 0.7152, 0.0722]


def ticks_beyond(figure):
    """Labels of ticks beyond the ends of their axes, which are not drawn."""
    found = []
    for axis in (axis for axes in figure.axes for axis in (axes.xaxis, axes.yaxis)):
        low, high = sorted(axis.get_view_interval())
        found += [
            label
            for tick in axis.get_major_ticks()
            if not low <= tick.get_loc() <= high
            for label in (tick.label1, tick.label2)
        ]
    return found


@cache
def seen(name):
    """A figure's labels, their boxes (left, bottom, right, top), and the page without letters."""
    figure = plotted.figure(name, plotted.cells(name))
    texts = [one for one in figure.findobj(Text) if one.get_visible() and one.get_text().strip()]
    texts = [one for one in texts if one not in ticks_beyond(figure)]
    canvas = FigureCanvasAgg(figure)
    with style.applied():
        figure.set_dpi(_DPI)
        for text in texts:
            text.set_alpha(0.0)
        canvas.draw()
        boxes = np.array([Text.get_window_extent(text).extents for text in texts])
    return texts, boxes, np.asarray(canvas.buffer_rgba())[::-1, :, :3] / 255.0


@pytest.mark.parametrize("name", FIGURES)
def test_letters_are_read_easily_on_what_is_behind_them(name):
    texts, boxes, page = seen(name)
    behind, unread = luminance(page), {}
    for text, box in zip(texts, boxes, strict=True):
        left, bottom, right, top = np.clip(np.round(box), 0, None).astype(int)
        low, high = np.sort(
            np.broadcast_arrays(
                behind[bottom:top, left:right], luminance(to_rgb(text.get_color()))
            ),
            axis=0,
        )
        read = ((high + 0.05) / (low + 0.05) >= 4.5).mean()
        if read < 1 - _OTHER:
            unread[text.get_text()] = read
    assert unread == {}
    corners = page[[0, 0, -1, -1], [0, -1, 0, -1]]
    np.testing.assert_array_equal(corners, 1.0)


def gaps(boxes, others):
    """How far each box is from each other, `[boxes, others]`; negative if one covers the other."""
    below = others[None, :, :2] - boxes[:, None, 2:]
    return np.maximum(below, boxes[:, None, :2] - others[None, :, 2:]).max(axis=-1)


def letters(texts, boxes):
    """The boxes of labels without the room for descenders, which few have."""
    room = _BELOW * np.array([text.get_fontsize() for text in texts])
    turned = np.array([text.get_rotation() % 180 == 90 for text in texts])
    left, bottom, right, top = boxes.T
    return np.stack([left, bottom + room * ~turned, right - room * turned, top], axis=1)


@pytest.mark.parametrize("name", FIGURES)
def test_labels_are_on_the_page_and_apart_from_one_another_and_from_frames(name):
    texts, boxes, page = seen(name)
    size = np.array(page.shape[1::-1])
    off = (boxes[:, :2] < -1).any(axis=1) | (boxes[:, 2:] > size + 1).any(axis=1)
    assert [texts[k].get_text() for k in np.flatnonzero(off)] == []
    # Boxes of slanted labels are larger than their letters.
    straight = [k for k, text in enumerate(texts) if text.get_rotation() % 90 == 0]
    texts = [texts[k] for k in straight]
    inked = letters(texts, boxes[straight])
    near = np.argwhere(np.triu(gaps(inked, inked) < _APART, 1))
    assert [(texts[a].get_text(), texts[b].get_text()) for a, b in near] == []
    panels = [axes for axes in texts[0].get_figure().axes if axes.axison]
    frames = [side for axes in panels for side in axes.spines.values() if side.get_visible()]
    sides = np.array([side.get_window_extent().extents for side in frames]).reshape(-1, 4)
    touched = (gaps(inked, sides) < _APART).any(axis=1)
    assert [texts[k].get_text() for k in np.flatnonzero(touched)] == []
