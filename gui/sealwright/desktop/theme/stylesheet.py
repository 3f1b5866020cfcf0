"""The one application style sheet, made from tokens.

Variants are dynamic properties: `k` on buttons (primary, danger, danger-outline, ghost, link, tool)
and on frames (surface, raised, canvas, overlay, sunken), `invalid` on fields. Fonts stay out of it
(a font in a sheet beats setFont), and so do item views, whose rows are painted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sealwright.desktop.theme.look import px
from sealwright.desktop.theme.palette import Tone

if TYPE_CHECKING:
    from PySide6.QtGui import QColor

    from sealwright.desktop.theme.palette import Palette

_SHEET = """
QWidget[k="surface"], QFrame[k="surface"] {{ background: {surface}; }}
QWidget[k="raised"], QFrame[k="raised"] {{ background: {raised}; }}
QWidget[k="canvas"], QFrame[k="canvas"] {{ background: {canvas}; }}
QWidget[k="overlay"], QFrame[k="overlay"] {{ background: {overlay}; }}
QWidget[k="editor"], QFrame[k="editor"] {{ background: {editor}; }}
QWidget[k="sunken"], QFrame[k="sunken"] {{ background: {sunken}; }}
QLabel {{ background: transparent; }}
QLabel[k="text2"] {{ color: {text2}; }}
QLabel[k="text3"] {{ color: {text3}; }}
QLabel[k="err"] {{ color: {err}; }}
QLabel[k="warn"] {{ color: {warn}; }}
QLabel[k="ok"] {{ color: {ok}; }}

QPushButton {{ min-height: {control}px; max-height: {control}px; padding: 0 {p12}px;
  border: 1px solid {border2}; border-radius: {r6}px; background: {button}; color: {text};
  outline: none; }}
QPushButton:hover {{ background: {hover}; }}
QPushButton:pressed, QPushButton:checked {{ background: {sel}; }}
QPushButton:disabled {{ color: {textoff}; border-color: {border}; background: {button}; }}
QPushButton[ring="true"]:focus {{ border: 2px solid {focus}; padding: 0 {p11}px; }}
QPushButton[k="primary"] {{ background: {accent}; border-color: {accent}; color: {on_accent}; }}
QPushButton[k="primary"]:hover {{ background: {accent_hover}; border-color: {accent_hover}; }}
QPushButton[k="primary"]:pressed {{ background: {accent_down}; border-color: {accent_down}; }}
QPushButton[k="primary"]:disabled {{ background: {hover}; border-color: {border};
  color: {textoff}; }}
QPushButton[k="primary"][ring="true"]:focus {{ border: 2px solid {ring_on_fill}; }}
QPushButton[k="danger"] {{ background: {danger}; border-color: {danger}; color: {on_accent}; }}
QPushButton[k="danger"]:hover {{ background: {danger_hover}; border-color: {danger_hover}; }}
QPushButton[k="danger"]:disabled {{ background: {hover}; border-color: {border};
  color: {textoff}; }}
QPushButton[k="danger"][ring="true"]:focus {{ border: 2px solid {ring_on_fill}; }}
QPushButton[k="danger-outline"] {{ color: {err}; border-color: {err_border}; }}
QPushButton[k="danger-outline"]:disabled {{ color: {textoff}; border-color: {border}; }}
QPushButton[k="ghost"] {{ background: transparent; border-color: transparent; color: {text2};
  padding: 0 {p8}px; }}
QPushButton[k="ghost"]:hover {{ background: {hover}; }}
QPushButton[k="ghost"]:pressed, QPushButton[k="ghost"]:checked {{ background: {sel}; }}
QPushButton[k="ghost"]:disabled {{ color: {textoff}; }}
QPushButton[k="ghost"][ring="true"]:focus {{ border: 2px solid {focus}; padding: 0 {p7}px; }}
QPushButton[k="link"] {{ background: transparent; border: 1px solid transparent;
  color: {accent_text}; padding: 0 2px; min-height: {link}px; max-height: {link}px; }}
QPushButton[k="link"]:hover {{ text-decoration: underline; }}
QPushButton[k="link"]:disabled {{ color: {textoff}; }}
QPushButton[k="link"][ring="true"]:focus {{ border: 2px solid {focus}; padding: 0 1px; }}
QPushButton[small="true"] {{ min-height: {small}px; max-height: {small}px; }}
QPushButton::menu-indicator {{ image: none; width: 0; }}

QToolButton {{ border: 1px solid transparent; border-radius: {r6}px; background: transparent;
  color: {text2}; padding: 0; outline: none; }}
QToolButton:hover {{ background: {hover}; }}
QToolButton:pressed, QToolButton:checked {{ background: {sel}; }}
QToolButton:disabled {{ color: {textoff}; }}
QToolButton[ring="true"]:focus {{ border: 2px solid {focus}; }}
QToolButton::menu-indicator {{ image: none; }}

QLineEdit, QSpinBox, QDoubleSpinBox, QDateTimeEdit, QComboBox {{ min-height: {field}px;
  border: 1px solid {border2}; border-bottom-color: {edge}; border-radius: {r6}px;
  padding: 0 {p8}px; background: {input}; color: {text};
  selection-background-color: {sel_text}; selection-color: {text};
  placeholder-text-color: {text3}; }}
QLineEdit:focus, QSpinBox:focus, QDoubleSpinBox:focus, QDateTimeEdit:focus, QComboBox:focus {{
  border: 2px solid {focus}; padding: 0 {p7}px; min-height: {field_in}px; }}
QLineEdit:disabled, QSpinBox:disabled, QComboBox:disabled {{ color: {textoff};
  border-color: {border}; background: {raised}; }}
QLineEdit[readOnly="true"] {{ background: {raised}; }}
QLineEdit[invalid="true"], QComboBox[invalid="true"], QSpinBox[invalid="true"] {{
  border-color: {err_mark}; }}
QLineEdit[bare="true"] {{ border: 0; background: transparent; padding: 0; min-height: 0; }}
QComboBox {{ padding-right: {p24}px; }}
QComboBox:focus {{ padding-right: {p23}px; }}
QComboBox::drop-down {{ border: 0; width: {p24}px; }}
QComboBox::down-arrow {{ image: none; }}
QComboBox QAbstractItemView, QAbstractItemView[k="offer"] {{ background: {overlay};
  border: 1px solid {border2}; padding: {p4}px; outline: none;
  selection-background-color: {hover}; selection-color: {text}; }}
QAbstractItemView[k="offer"]::item {{ min-height: {menu}px; padding: 0 {p8}px; }}
QAbstractSpinBox::up-button, QAbstractSpinBox::down-button {{ border: 0; width: 0; }}
QAbstractSpinBox::up-arrow, QAbstractSpinBox::down-arrow {{ image: none; }}

QPlainTextEdit, QTextEdit {{ background: {input}; color: {text}; border: 1px solid {border2};
  border-bottom-color: {edge}; border-radius: {r6}px; padding: 2px;
  selection-background-color: {sel_text}; selection-color: {text};
  placeholder-text-color: {text3}; }}
QPlainTextEdit:focus, QTextEdit:focus {{ border: 2px solid {focus}; padding: 1px; }}
QPlainTextEdit[k="code"] {{ background: {editor}; border: 0; border-radius: 0; padding: 0; }}
QPlainTextEdit[k="code"]:focus {{ border: 0; padding: 0; }}

QAbstractItemView {{ background: {surface}; border: 0; outline: none; color: {text}; }}
QAbstractItemView[k="raised"] {{ background: {raised}; }}
QHeaderView {{ background: {raised}; border: 0; }}
QHeaderView::section {{ background: {raised}; color: {text2}; border: 0;
  border-bottom: 1px solid {border}; padding: 0 {p8}px; height: {head}px;
  font-size: {f12}px; font-weight: 500; }}
QHeaderView::section:first {{ padding-left: {p16}px; }}
QHeaderView::up-arrow, QHeaderView::down-arrow {{ image: none; width: 0; }}
QTableCornerButton::section {{ background: {raised}; border: 0; }}

QMenu {{ background: {overlay}; border: 1px solid {border2}; border-radius: {r8}px;
  padding: {p4}px; color: {text}; }}
QMenu::item {{ min-height: {menu}px; padding: 0 {p16}px 0 {p8}px; border-radius: {r6}px;
  margin: 0; color: {text}; }}
QMenu::item:selected {{ background: {hover}; }}
QMenu::item:disabled {{ color: {textoff}; }}
QMenu::icon {{ padding-left: {p8}px; }}
QMenu::separator {{ height: 1px; background: {border}; margin: {p4}px {p8}px; }}

QScrollBar:vertical {{ background: transparent; width: 10px; margin: 0; }}
QScrollBar:horizontal {{ background: transparent; height: 10px; margin: 0; }}
QScrollBar::handle {{ background: {border2}; border-radius: 3px; margin: 2px; }}
QScrollBar::handle:hover {{ background: {edge}; }}
QScrollBar::handle:vertical {{ min-height: 32px; }}
QScrollBar::handle:horizontal {{ min-width: 32px; }}
QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; }}
QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}
QAbstractScrollArea::corner {{ background: transparent; border: 0; }}
QScrollArea, QScrollArea > QWidget > QWidget[k="clear"] {{ background: transparent; border: 0; }}
QSplitter::handle {{ background: {border}; }}
QSplitter::handle:horizontal {{ width: 1px; }}
QSplitter::handle:vertical {{ height: 1px; }}
QProgressBar {{ border: 0; border-radius: 2px; background: {border}; max-height: 4px;
  min-height: 4px; }}
QProgressBar::chunk {{ background: {accent}; border-radius: 2px; }}
QToolTip {{ background: {tip}; color: {tip_text}; border: 1px solid {tip};
  padding: 5px 7px; font-size: {f12}px; qproperty-textFormat: PlainText; }}
QStatusBar {{ background: {canvas}; border: 0; }}
QStatusBar::item {{ border: 0; }}
"""

_TOKENS = (
    *("surface", "raised", "canvas", "overlay", "editor", "sunken"),
    *("text", "text2", "text3", "textoff", "border", "border2", "edge"),
    *("accent", "accent_hover", "accent_down", "on_accent", "accent_text"),
    *("sel", "hover", "focus", "danger", "danger_hover", "tip", "tip_text", "sel_text"),
)


def style_sheet(colors: Palette) -> str:
    """The whole sheet for one theme at the scale in force."""
    values: dict[str, str | int] = {name: _hex(getattr(colors, name)) for name in _TOKENS}
    values |= {
        "button": _hex(colors.raised if colors.dark else colors.surface),
        "input": _hex(colors.sunken if colors.dark else colors.surface),
        "ring_on_fill": _hex(colors.text if colors.dark else colors.accent_down),
        "ok": _hex(colors.tone(Tone.OK).text),
        "warn": _hex(colors.tone(Tone.WARN).text),
        "err": _hex(colors.tone(Tone.ERR).text),
        "err_border": _hex(colors.tone(Tone.ERR).border),
        "err_mark": _hex(colors.tone(Tone.ERR).mark),
    }
    return _SHEET.format(**values, **_lengths())


def _lengths() -> dict[str, int]:
    lengths = {f"p{n}": px(n) for n in (4, 7, 8, 11, 12, 16, 23, 24)}
    lengths |= {f"r{n}": px(n) for n in (6, 8)}
    # Heights in a sheet are those of the content: the border of one pixel comes on top.
    return lengths | {
        "control": px(30) - 2,
        "small": px(28) - 2,
        "link": px(20),
        "field": px(30) - 2,
        "field_in": px(30) - 4,
        "head": px(32) - 1,
        "menu": px(28),
        "f12": px(12),
    }


def _hex(color: QColor) -> str:
    return color.name()
