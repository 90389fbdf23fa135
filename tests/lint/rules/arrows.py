# SPDX-License-Identifier: Apache-2.0
"""Who may include whom: the arrows of the design between the folders, and each library's home."""

import os

from registry import rule
from tree import Finding

PUBLIC = 'core/include/mcp'

# A library is used from its home only; what others need of it goes through a contract.
LIBRARY_HOMES = {
    'gst/': ('pipelines', 'plugins/media'),
    'sofia-sip/': ('plugins/sip', 'plugins/shared/sip', 'tests/bench/nua_main.c'),
    'libxml/': ('plugins/shared/xml',),
    'quickjs': ('plugins/shared/script',),
    'libsoup/': ('plugins/http', 'plugins/shared/http', 'plugins/shared/peer_http',
                 'plugins/tracing', 'plugins/web', 'core/ctl'),
    'flite/': ('plugins/speech',),
    'espeak-ng/': ('plugins/espeak',),
    'net-snmp/': ('plugins/snmp',),
    'pocketsphinx': ('plugins/shared/sphinx',),
    'sphinxbase/': ('plugins/shared/sphinx',),
    'openssl/': ('plugins/shared/tls', 'plugins/credentials', 'plugins/media/protection'),
    'srtp2/': ('plugins/media/protection',),
    'grpc/': ('plugins/shared/grpc',),
    'protobuf-c/': ('plugins/google-tts', 'plugins/google-asr'),
}

# Parts of a library that no input from the network may reach, with the reason.
UNSAFE_HEADERS = {
    'sofia-sip/sdp.h': 'its SDP parser never ends on some lines (m=x 1 x =): use McpSdp',
    'sofia-sip/soa.h': 'it reads SDP with a parser that never ends on some lines: use McpSdp',
}


def unit_of(path):
    """The folder whose arrows count for a file."""
    parts = path.split('/')
    if path.startswith(PUBLIC + '/'):
        return PUBLIC
    if parts[0] == 'plugins' and len(parts) > 2:
        return f'plugins/{parts[1]}'
    return parts[0]


def allowed(user, used):
    if user == used:
        return True
    if user == PUBLIC:
        return False
    if user == 'core':
        return used == PUBLIC
    if user == 'plugins/media':
        return used in (PUBLIC, 'plugins/shared', 'pipelines')
    if user == 'plugins/shared':
        return used == PUBLIC
    if user.startswith('plugins/'):
        return used in (PUBLIC, 'plugins/shared')
    return False


def within(path, folders):
    return any(path.startswith(folder + '/') for folder in folders)


@rule('arrows', 'A folder includes only from where the design draws an arrow.')
def arrows(tree):
    for source in tree.product_c:
        user = unit_of(source.path)
        for line, name, quoted in source.includes():
            targets = candidates(tree, source, name, quoted)
            if targets and not any(allowed(user, unit_of(target)) for target in targets):
                yield Finding(source.path, line, f'{user} may not include {targets[0]}')


@rule('libraries', 'A library is used from its home folder only.')
def libraries(tree):
    for source in tree.product_c:
        for line, name, quoted in source.includes():
            for library, homes in LIBRARY_HOMES.items():
                if name.startswith(library) and not within(source.path, homes) \
                        and not candidates(tree, source, name, quoted):
                    yield Finding(source.path, line, f'{name} is for {", ".join(homes)} only')


@rule('unsafe-headers', 'What of a library fails on hostile input is not used.')
def unsafe_headers(tree):
    for source in tree.product_c:
        for line, name, _ in source.includes():
            if name in UNSAFE_HEADERS:
                yield Finding(source.path, line, f'{name}: {UNSAFE_HEADERS[name]}')


def candidates(tree, source, name, quoted):
    """The headers of the tree that an include can mean; its own folder wins."""
    if quoted:
        beside = os.path.normpath(os.path.join(source.folder, name))
        if beside in tree.sources:
            return [beside]
    return [path for path in tree.headers
            if path.endswith('/' + name) and not path.startswith('tests/')]
