"""Messages of .po files, read and compiled in memory, so that no .mo file is kept beside them."""

from __future__ import annotations

import gettext
import io
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po


def read_messages(path: Path) -> Catalog:
    """The messages of a .po file; babel's PoFileError where a line of it is none of a catalogue."""
    with path.open("rb") as file:
        return read_po(file, abort_invalid=True)


def texts(messages: Catalog) -> dict[str, str]:
    """Message -> translation, of those that have one and no plural forms."""
    return {
        message.id: str(message.string)
        for message in messages
        if isinstance(message.id, str) and message.id and message.string
    }


def compiled(messages: Catalog) -> gettext.GNUTranslations:
    """The messages as gettext looks them up, plural forms included."""
    file = io.BytesIO()
    write_mo(file, messages)
    file.seek(0)
    return gettext.GNUTranslations(file)
