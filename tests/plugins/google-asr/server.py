#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Google's side for the tests of google-asr: server.py FOLDER [--plain]; see google/stand_in.py."""
import pathlib
import sys

sys.dont_write_bytecode = True
HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "google")]

import service  # noqa: E402
import stand_in  # noqa: E402

stand_in.run(HERE / "faithful.proto", service.Service)
