"""A process that appends events to a log for ever, and says on stdout what was acknowledged.

Run as `writer.py FOLDER NAME [early]`; with `early` it says so before the commit, which must be found out.
"""

import sys
from pathlib import Path

from shortlist_bundle.changes.change import EventRecorded
from shortlist_server.changes.disk_log import DiskLog
from shortlist_server.changes.settings import LogSettings

BATCH = 20


def events(name, number):
    return [
        EventRecorded(event_id=f"{name}-{number}-{row}", customer_id="anna", item_id="milk", timestamp=float(number))
        for row in range(BATCH)
    ]


def main(folder, name, early=""):
    log = DiskLog(Path(folder), LogSettings(segment_bytes=40_000))
    print("ready", flush=True)
    number = 0
    while True:
        batch = events(name, number)
        if early:
            print(number, flush=True)
        log.append(batch)
        if not early:
            print(number, flush=True)
        number += 1


if __name__ == "__main__":
    main(*sys.argv[1:])
