# SPDX-License-Identifier: Apache-2.0
"""One module a family of rules; importing them fills the registry."""

from . import (arrows, banned, budgets, layout, plugins, public_headers, scripts,  # noqa: F401
               style, tidy, words)
