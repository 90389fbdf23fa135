#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A web server that misbehaves on request.

It prints its port, then answers on 127.0.0.1 and 127.0.0.2 until its standard input closes. The
query of a URL says what to do: status, delay (ms), size or body, h (header lines), etag, fail_from
(503 from that request on). Paths with a meaning of their own are in RAW.
"""

import asyncio
import json
import sys
import zlib
from urllib.parse import parse_qs, unquote, urlsplit

hits = {}
connections = {}
busy = {'now': 0, 'most': 0}  # requests that were read and not answered


def gzip_bomb():
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    return b''.join([packer.compress(bytes(1 << 20)) for _ in range(64)]) + packer.flush()


async def drip(writer):
    writer.write(b'HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n')
    while True:
        writer.write(b'x')
        await writer.drain()
        await asyncio.sleep(0.02)


async def drip_head(writer):
    writer.write(b'HTTP/1.1 200 OK\r\n')
    while True:
        writer.write(b'X: y\r\n')
        await writer.drain()
        await asyncio.sleep(0.02)


async def silent(writer):
    await asyncio.sleep(60)


async def endless(writer):
    writer.write(b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n')
    while True:
        writer.write(b'10000\r\n' + bytes(0x10000) + b'\r\n')
        await writer.drain()


async def bomb(writer):
    body = gzip_bomb()
    writer.write(b'HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n')
    writer.write(b'Content-Length: %d\r\n\r\n' % len(body))
    writer.write(body)


RAW = {
    '/drip': drip,
    '/drip-head': drip_head,
    '/silent': silent,
    '/endless': endless,
    '/bomb': bomb,
    '/truncated': b'HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nshort',
    '/announced': b'HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\nx',
    '/chunk-garbage': b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzzz\r\nrubbish\r\n',
    '/chunk-truncated': b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\nshort',
    '/no-http': b'220 mail.example ESMTP\r\n',
    '/nothing': b'',
    '/huge-head': b'HTTP/1.1 200 OK\r\n' + b'X-Fill: ' + b'a' * 400000 + b'\r\n\r\nx',
    '/gzip-garbage': b'HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nnope',
}


class Request:
    def __init__(self, head, body):
        lines = head.decode('latin-1').split('\r\n')
        self.method, target, _ = lines[0].split(' ', 2)
        self.path = unquote(urlsplit(target).path)
        self.query = parse_qs(urlsplit(target).query)
        self.headers = {name.lower(): value.strip() for name, _, value in
                        (line.partition(':') for line in lines[1:] if line)}
        self.body = body

    def first(self, name, default=''):
        return self.query.get(name, [default])[0]


async def read_request(reader):
    head = await reader.readuntil(b'\r\n\r\n')
    request = Request(head[:-4], b'')
    length = int(request.headers.get('content-length', '0'))
    request.body = await reader.readexactly(length)
    return request


def respond(request, count):
    status = int(request.first('status', '200'))
    fields = list(request.query.get('h', []))
    etag = request.first('etag')
    if etag:
        fields.append(f'ETag: {etag}')
        if request.headers.get('if-none-match') == etag:
            status = 304
    if request.first('fail_from') and count >= int(request.first('fail_from')):
        status, fields = 503, []
    if request.path == '/hits':
        body = str(hits.get(request.first('of'), 0))
    elif request.path == '/busiest':
        body = str(busy['most'])
    elif request.path == '/connections':
        body = str(connections.get(request.first('of'), 0))
    elif request.first('size'):
        body = 'x' * int(request.first('size'))
    else:
        body = request.first('body') or json.dumps(
            {'n': count, 'method': request.method, 'cookie': request.headers.get('cookie', ''),
             'language': request.headers.get('accept-language', ''),
             'type': request.headers.get('content-type', ''),
             'control': request.headers.get('cache-control', ''),
             'body': request.body.decode('latin-1')})
    if status == 304:
        body = ''
    else:
        fields.append(f'Content-Length: {len(body)}')
    head = '\r\n'.join([f'HTTP/1.1 {status} Said'] + fields)
    return f'{head}\r\n\r\n{body}'.encode('latin-1')


async def serve(reader, writer):
    address = writer.get_extra_info('sockname')[0]
    connections[address] = connections.get(address, 0) + 1
    try:
        while True:
            request = await read_request(reader)
            count = hits[request.path] = hits.get(request.path, 0) + 1
            raw = RAW.get(request.path)
            if isinstance(raw, bytes):
                writer.write(raw)
                break
            if raw:
                await raw(writer)
                break
            busy['now'] += 1
            busy['most'] = max(busy.values())
            try:
                await asyncio.sleep(int(request.first('delay', '0')) / 1000)
            finally:
                busy['now'] -= 1
            answer = respond(request, count)
            writer.write(answer)
            await writer.drain()
            if b'\r\nConnection: close' in answer:
                break
    except (asyncio.IncompleteReadError, asyncio.CancelledError, ConnectionError):
        pass
    finally:
        writer.close()


async def main():
    server = await asyncio.start_server(serve, '127.0.0.1', 0, backlog=1024)
    port = server.sockets[0].getsockname()[1]
    await asyncio.start_server(serve, '127.0.0.2', port, backlog=1024)
    print(port, flush=True)
    loop = asyncio.get_running_loop()
    await loop.run_in_executor(None, sys.stdin.read)


asyncio.run(main())
