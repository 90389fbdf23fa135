# SPDX-License-Identifier: Apache-2.0
"""One module a family of rules; importing them fills the registry."""

from . import (arrows, banned, budgets, layout, log_ids, plugins, public_headers,  # noqa: F401
               scripts, style, tidy, words)
