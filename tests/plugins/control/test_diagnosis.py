#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Traces, explanations and ladders of a real mcpd: packets are read back by tshark, secrets are
looked for in everything that is written, and each explained INVITE is also sent."""

import argparse
import contextlib
import json
import os
import pathlib
import re
import socket
import stat
import subprocess
import sys
import tempfile
import time
import unittest

OK, FAILED, USAGE, NO_CONNECTION, NOT_FOUND = range(5)
OPTIONS = None

CONFIG = """
[core]
plugins = sip, media, http, grammar, vxml, speech, recording, web, control
plugin_path = {plugins}
log_format = json
trace_directory = {folder}/traces
[sip]
timer_t1 = 200ms
[sip.transport "udp"]
transport = udp
address = 127.0.0.1:{port}
[sip.transport "tcp"]
transport = tcp
address = 127.0.0.1:{port}
[sip.peer "callers"]
addresses = 127.0.0.0/24
services = demo, silent, pages
page_urls = http://pages.example.com/*
[sip.peer "stranger"]
addresses = 127.0.9.0/24
[service "demo"]
user = demo
header = X-Tenant: gold
dialog = vxml
page = file://{demo}/menu.vxml
[service "silent"]
user = silent
media = none
dialog = vxml
page = file://{demo}/menu.vxml
[service "pages"]
user = dialog
dialog = vxml
[service "closed"]
user = closed
dialog = vxml
page = file://{demo}/menu.vxml
[http]
file_root = {demo}
[web.listener "control"]
socket = {folder}/control.sock
[recording]
directory = {folder}/recordings
[records]
file = {folder}/records.jsonl
"""

SDP = """v=0
o=- 1 1 IN IP4 127.0.0.1
s=-
c=IN IP4 127.0.0.1
t=0 0
m=audio 40000 RTP/AVP {formats}
{lines}"""

CANARIES = ('canarysecret', 'canarykey', 'canaryresponse', 'canarynonce', 'canarypass')


def free_port():
    """A port that is free for UDP and TCP."""
    while True:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp, \
                socket.socket(socket.AF_INET, socket.SOCK_STREAM) as tcp:
            udp.bind(('127.0.0.1', 0))
            port = udp.getsockname()[1]
            with contextlib.suppress(OSError):
                tcp.bind(('127.0.0.1', port))
                if port < 60000:
                    return port


def until(condition):
    """Looks again and again, as the other side gets no chance to tell."""
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.2)


def sdp(formats='0', lines=''):
    return SDP.format(formats=formats, lines=lines).replace('\n', '\r\n').encode()


def invite(port, user='demo', call='call', body=sdp(), content_type='application/sdp',
           headers=(), drop=(), uri=None, method='INVITE', version='SIP/2.0'):
    """An INVITE as bytes; @drop names header fields to leave out."""
    uri = uri or f'sip:{user}@127.0.0.1:{port}'
    lines = [('Via', 'SIP/2.0/UDP 127.0.0.1:9;rport;branch=z9hG4bK' + call),
             ('Max-Forwards', '70'), ('From', '"Caller" <sip:alice@example.com>;tag=' + call),
             ('To', f'<sip:{user}@example.com>'), ('Call-ID', call), ('CSeq', f'1 {method}'),
             ('Contact', '<sip:alice@127.0.0.1:9>'), ('X-Tenant', 'gold'), *headers]
    if body:
        lines.append(('Content-Type', content_type))
    lines.append(('Content-Length', str(len(body))))
    names = {name for name, _ in headers}
    head = ''.join(f'{name}: {value}\r\n' for i, (name, value) in enumerate(lines)
                   if name not in drop and not (i < 8 and name in names))
    return f'{method} {uri} {version}\r\n{head}\r\n'.encode() + body


class Caller:
    """A UDP socket that sends requests and reads answers."""

    def __init__(self, port, address='127.0.0.1'):
        self.target = ('127.0.0.1', port)
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((address, 0))
        self.socket.settimeout(20)

    def placed(self, message):
        """@message with this socket in its Via."""
        return message.replace(b'127.0.0.1:9;', b'127.0.0.1:%d;' % self.socket.getsockname()[1])

    def send(self, message):
        self.socket.sendto(self.placed(message), self.target)

    def receive(self):
        return self.socket.recv(65536).decode()

    def final(self):
        """The final answer to the INVITE."""
        while True:
            answer = self.receive()
            if answer.startswith('SIP/2.0 ') and not answer.startswith('SIP/2.0 1'):
                return answer

    def finish(self, answer, message):
        """ACK, and BYE after a 2xx."""
        text = message.decode()
        call = re.search(r'Call-ID: (.*)\r\n', text)[1]
        to = re.search(r'\r\nTo: *(.*)\r\n', answer)[1]
        sender = re.search(r'\r\nFrom: *(.*)\r\n', text)[1]
        good = answer.startswith('SIP/2.0 2')
        branch = call + ('ack' if good else '')
        for method, number, at in (('ACK', 1, branch), ('BYE', 2, call + 'bye')):
            if method == 'BYE' and not good:
                break
            self.send((f'{method} sip:mcp@127.0.0.1 SIP/2.0\r\n'
                       f'Via: SIP/2.0/UDP 127.0.0.1:9;rport;branch=z9hG4bK{at}\r\n'
                       f'Max-Forwards: 70\r\nFrom: {sender}\r\nTo: {to}\r\nCall-ID: {call}\r\n'
                       f'CSeq: {number} {method}\r\nContent-Length: 0\r\n\r\n').encode())
        if good:
            while '2 BYE' not in self.receive():
                pass

    def call(self, message):
        self.send(message)
        answer = self.final()
        self.finish(answer, message)
        return answer

    def close(self):
        self.socket.close()


class Server:
    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.port = free_port()
        self.socket = self.folder / 'control.sock'
        for name in ('recordings', 'traces'):
            (self.folder / name).mkdir(mode=0o750)
        config = self.folder / 'mcp.conf'
        config.write_text(CONFIG.format(plugins=OPTIONS.plugins, demo=OPTIONS.demo,
                                        port=self.port, folder=self.folder))
        self.log = open(self.folder / 'log', 'wb')
        self.process = subprocess.Popen([OPTIONS.mcpd, '-c', config], stderr=self.log,
                                        stdout=self.log)
        end = time.monotonic() + 60
        while self.ctl('status').returncode != OK:
            if self.process.poll() is not None or time.monotonic() > end:
                sys.exit((self.folder / 'log').read_text())

    def ctl(self, *arguments, stdin=''):
        return subprocess.run([OPTIONS.mcpctl, '--socket', self.socket, *arguments], text=True,
                              input=stdin, capture_output=True, timeout=90, check=False)

    def lines(self):
        for line in (self.folder / 'log').read_text(errors='replace').splitlines():
            with contextlib.suppress(ValueError):
                yield json.loads(line)

    def stop(self):
        self.process.terminate()
        code = self.process.wait(60)
        self.log.close()
        return code


class Diagnosis(unittest.TestCase):
    calls = 0

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix='diagnosis-')
        cls.server = Server(cls.folder.name)
        cls.port = cls.server.port

    @classmethod
    def tearDownClass(cls):
        code = cls.server.stop()
        log = (cls.server.folder / 'log').read_text(errors='replace')
        cls.folder.cleanup()
        assert code == 0, log[-5000:]

    def setUp(self):
        Diagnosis.calls += 1
        self.name = f'call{Diagnosis.calls}x'
        self.caller = Caller(self.port)
        self.addCleanup(self.caller.close)

    def ctl(self, *arguments, code=OK, **options):
        result = self.server.ctl(*map(str, arguments), **options)
        self.assertEqual(result.returncode, code, f'{arguments}: {result.stdout}{result.stderr}')
        return result

    def json(self, *arguments, code=OK, **options):
        return json.loads(self.ctl('-o', 'json', *arguments, code=code, **options).stdout)

    def trace(self, *arguments):
        identity = self.json('trace', 'start', *arguments)['id']
        self.addCleanup(self.server.ctl, 'trace', 'stop', identity)
        return identity

    def state(self, identity):
        return next(trace for trace in self.json('trace', 'list')['traces']
                    if trace['id'] == identity)

    def file(self, name):
        """The file of a stopped trace, once nothing is added any more."""
        path = self.server.folder / 'traces' / name
        sizes = [-1]

        def is_whole():
            sizes.append(path.stat().st_size)
            return sizes[-1] == sizes[-2] > 0
        until(is_whole)
        return path

    def tshark(self, path, *fields):
        command = ['tshark', '-r', str(path), '-d', f'udp.port=={self.port},sip', '-d',
                   f'tcp.port=={self.port},sip', '-T', 'fields', '-E', 'separator=|']
        for field in fields:
            command += ['-e', field]
        result = subprocess.run(command, text=True, capture_output=True, check=True,
                                env={**os.environ, 'HOME': self.folder.name})
        return [line.split('|') for line in result.stdout.splitlines()]

    # --- traces ---

    def test_packets_udp(self):
        identity = self.trace('--number', 'alice', '--pcap', 'udp.pcap', '--for', '1m')
        before = time.time()
        answer = self.caller.call(invite(self.port, call=self.name))
        self.assertIn('SIP/2.0 200', answer)
        after = time.time()
        self.ctl('trace', 'stop', identity)
        path = self.file('udp.pcap')
        self.assertEqual(stat.S_IMODE(path.stat().st_mode), 0o600)
        rows = self.tshark(path, 'frame.time_epoch', 'ip.src', 'udp.srcport', 'udp.dstport',
                           'sip.Method', 'sip.Status-Code', 'udp.checksum.status',
                           'ip.checksum.status', 'sip.Call-ID')
        rows = [row for row in rows if self.name in row[8]]
        own = str(self.caller.socket.getsockname()[1])
        self.assertEqual([row[4] or row[5] for row in rows if row[5] != '180'],
                         ['INVITE', '100', '200', 'ACK', 'BYE', '200'])
        for row in rows:
            self.assertTrue(before - 1 < float(row[0]) < after + 1, row)
            self.assertEqual(row[1], '127.0.0.1')
            self.assertEqual((row[2], row[3]),
                             (str(self.port), own) if row[5] else (own, str(self.port)))
        bad = subprocess.run(['tshark', '-r', str(path), '-o', 'udp.check_checksum:TRUE', '-o',
                              'ip.check_checksum:TRUE', '-Y',
                              'udp.checksum.bad || ip.checksum.bad || _ws.malformed'],
                             text=True, capture_output=True, check=False)
        self.assertEqual(bad.stdout, '')
        self.assertEqual(self.state(identity)['state'], 'stopped')

    def test_packets_tcp(self):
        identity = self.trace('--all', '--pcap', 'tcp.pcap', '--text', 'tcp.txt')
        message = invite(self.port, call=self.name, headers=[('X-Long', 'x' * 3000)])
        message = message.replace(b'SIP/2.0/UDP', b'SIP/2.0/TCP')
        with socket.create_connection(('127.0.0.1', self.port)) as connection:
            connection.settimeout(20)
            own = connection.getsockname()[1]
            connection.sendall(message[:700])
            time_of_rest = self.json('status')
            self.assertTrue(time_of_rest)
            connection.sendall(message[700:])
            text = ''
            while 'SIP/2.0 200' not in text:
                text += connection.recv(65536).decode()
            bye = invite(self.port, call=self.name, method='BYE', body=b'', drop=('Contact',))
            to = re.findall(r'\r\nTo: *(.*)\r\n', text)[-1]
            bye = bye.replace(b'SIP/2.0/UDP', b'SIP/2.0/TCP').replace(b'CSeq: 1', b'CSeq: 2')
            bye = bye.replace(b'<sip:demo@example.com>', to.encode())
            ack = bye.replace(b'BYE', b'ACK').replace(b'CSeq: 2', b'CSeq: 1')
            connection.sendall(ack.replace(b'z9hG4bK', b'z9hG4bKa') +
                               bye.replace(b'z9hG4bK', b'z9hG4bKb'))
            while '2 BYE' not in text:
                text += connection.recv(65536).decode()
        self.ctl('trace', 'stop', identity)
        rows = self.tshark(self.file('tcp.pcap'), 'tcp.srcport', 'tcp.dstport', 'sip.Method',
                           'sip.Status-Code', 'tcp.analysis.lost_segment',
                           'tcp.analysis.retransmission', 'sip.Call-ID')
        rows = [row for row in rows if self.name in row[6]]
        messages = [part for row in rows for part in (row[2] or row[3]).split(',')
                    if part != '180']
        self.assertEqual(messages, ['INVITE', '100', '200', 'ACK', 'BYE', '200'])
        self.assertEqual({(row[0], row[1]) for row in rows},
                         {(str(own), str(self.port)), (str(self.port), str(own))})
        self.assertFalse(any(row[4] or row[5] for row in rows))
        text = self.file('tcp.txt').read_text()
        self.assertIn('x' * 3000, text)
        self.assertRegex(text, rf'received 127.0.0.1:{own} > 127.0.0.1:{self.port} tcp, \d+ bytes')

    def test_secrets(self):
        """Nothing that is secret gets into log or files; lengths stay true."""
        identity = self.trace('--all', '--sip', '--level', 'debug', '--pcap', 'secret.pcap',
                              '--text', 'secret.txt')
        body = sdp(lines='a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:canarykeycanarykey|2^20|1:4\n'
                         'a=key-mgmt:mikey canarykey==\nk=base64:canarykey\n')
        message = invite(
            self.port, call=self.name, body=body, user='nobody',
            uri=f'sip:nobody:canarypass@127.0.0.1:{self.port};gvp.config.secret=canarysecret'
                ';x%70assword=canarysecret',
            headers=[('Authorization', 'Digest username="bob", nonce="canarynonce", '
                      'realm="here", uri="sip:x",\r\n response="canaryresponse"'),
                     ('Proxy-Authorization', 'Basic canarysecret'),
                     ('X-Api-Key', 'canarykey')])
        self.assertIn('SIP/2.0 404', self.caller.call(message))
        self.ctl('trace', 'stop', identity)
        log = (self.server.folder / 'log').read_bytes()
        packets = self.file('secret.pcap').read_bytes()
        text = self.file('secret.txt').read_text()
        self.assertIn(f'{len(self.caller.placed(message))} bytes', text)
        for place in (text.encode(), packets):
            self.assertIn(b'username="bob"', place)
            self.assertIn(b'realm="here"', place)
            self.assertIn(b'inline:' + b'*' * 18 + b'|2^20|1:4', place)
            for canary in CANARIES:
                self.assertNotIn(canary.encode(), place)
        shown = [line for line in self.server.lines() if line['id'] == 'sip-message']
        self.assertTrue(shown)
        for line in shown:
            for canary in CANARIES:
                self.assertNotIn(canary, line['message'])
        self.assertIn(b'username=', log)

    def test_level_of_one_call(self):
        self.trace('--number', 'alice-debug', '--level', 'debug')
        for user in ('alice', 'alice-debug'):
            message = invite(self.port, call=self.name + user)
            self.caller.call(message.replace(b'alice@example.com', user.encode() + b'@e.org'))
        arrived = {line['call']: line['message'] for line in self.server.lines()
                   if line['id'] == 'call-arrived'}
        noisy = {line.get('call') for line in self.server.lines() if line['level'] == 'debug'}
        self.assertTrue(any('alice-debug' in arrived.get(call, '') for call in noisy))
        self.assertFalse(any('alice@' in arrived.get(call, '') for call in noisy
                             if 'alice@e.org' in arrived.get(call, '')))
        self.assertNotIn(None, noisy)

    def test_one_running_call(self):
        messages = [invite(self.port, call=self.name + part) for part in 'ab']
        answers = []
        for message in messages:
            self.caller.send(message)
            answers.append(self.caller.final())
        calls = self.json('calls')['calls']
        shown = {self.json('call', 'show', call['id'])['sip']['call_id']: call['id']
                 for call in calls}
        identity = self.trace('--call', shown[self.name + 'a'], '--text', 'one.txt')
        self.assertEqual(self.state(identity)['calls'], 1)
        for answer, message in zip(answers, messages):
            self.caller.finish(answer, message)
        self.ctl('trace', 'stop', identity)
        text = self.file('one.txt').read_text()
        self.assertIn(f'Call-ID: {self.name}a', text)
        self.assertNotIn(f'Call-ID: {self.name}b', text)
        self.assertIn('BYE sip:', text)

    def test_one_peer(self):
        identity = self.trace('--peer', 'stranger', '--text', 'peer.txt')
        self.caller.call(invite(self.port, call=self.name + 'own'))
        stranger = Caller(self.port, '127.0.9.1')
        self.addCleanup(stranger.close)
        stranger.send(invite(self.port, call=self.name + 'other'))
        self.assertIn('SIP/2.0 403', stranger.final())
        self.ctl('trace', 'stop', identity)
        text = self.file('peer.txt').read_text()
        self.assertNotIn(self.name + 'own', text)
        self.assertIn(self.name + 'other', text)
        self.assertIn('SIP/2.0 403', text)

    def test_limits(self):
        identity = self.trace('--all', '--text', 'small.txt', '--size', '600')
        self.caller.call(invite(self.port, call=self.name))
        until(lambda: self.state(identity)['state'] != 'running')
        ended = self.state(identity)
        self.assertEqual(ended['state'], 'limit of size reached')
        self.assertGreater(ended['dropped'], 0)
        identity = self.trace('--all', '--sip', '--for', '300ms')
        until(lambda: self.state(identity)['state'] != 'running')
        self.assertEqual(self.state(identity)['state'], 'time is over')
        self.ctl('trace', 'stop', identity, code=NOT_FOUND)

    def test_refused_traces(self):
        for arguments in ([], ['--all'], ['--all', '--level', 'loud'], ['--all', '--call', 'x'],
                          ['--all', '--sip', '--for', '25h'], ['--all', '--sip', '--for', 'long'],
                          ['--all', '--pcap', '../x'], ['--all', '--pcap', '.x'],
                          ['--all', '--pcap', 'a/b'], ['--all', '--pcap', 'x', '--text', 'x']):
            self.ctl('trace', 'start', *arguments, code=USAGE)
        self.ctl('trace', 'start', '--call', 'none', '--sip', code=NOT_FOUND)
        taken = self.server.folder / 'traces' / 'taken'
        taken.write_text('mine')
        os.symlink(self.server.folder / 'elsewhere', self.server.folder / 'traces' / 'link')
        for name in ('taken', 'link'):
            self.ctl('trace', 'start', '--all', '--text', name, code=USAGE)
        self.assertEqual(taken.read_text(), 'mine')
        self.assertFalse((self.server.folder / 'elsewhere').exists())
        self.assertFalse([trace for trace in self.json('trace', 'list')['traces']
                          if trace['state'] == 'starting'])

    # --- ladder ---

    def test_ladder(self):
        message = invite(self.port, call=self.name)
        self.caller.send(message)
        answer = self.caller.final()
        # The 200 is repeated until it is acknowledged.
        self.assertIn('SIP/2.0 200', self.caller.final())
        self.caller.finish(answer, message)
        path = self.server.folder / 'records.jsonl'
        until(lambda: path.exists() and f'"{self.name}"' in path.read_text())
        record = next(item for item in map(json.loads, path.read_text().splitlines())
                      if item['sip']['call_id'] == self.name)
        for call in (record, self.json('call', 'show', record['id'])):
            ladder = call['ladder']
            self.assertEqual([entry['message'].split()[0] for entry in ladder
                              if not entry['repeat'] and '180' not in entry['message']],
                             ['INVITE', '100', '200', 'ACK', 'BYE', '200'])
            again = [entry for entry in ladder if entry['repeat']]
            self.assertEqual({entry['message'] for entry in again}, {'200 OK (INVITE)'})
            self.assertGreater(again[0]['delta_ms'], 100)
            self.assertEqual({(entry['local'], entry['transport']) for entry in ladder},
                             {(f'127.0.0.1:{self.port}', 'udp')})
            own = '127.0.0.1:%d' % self.caller.socket.getsockname()[1]
            self.assertEqual({entry['remote'] for entry in ladder}, {own})
            times = call['ladder_times']
            self.assertTrue(0 <= times['first_response_ms'] <= times['answer_ms'])
        text = self.ctl('call', 'show', record['id'], '--ladder').stdout
        self.assertRegex(text, r'\| again')
        self.assertRegex(text, r'final answer +after \d+\.\d ms')
        self.assertIn(own, text)

    # --- counters ---

    def metric(self, name, label):
        for line in self.ctl('metrics', name).stdout.splitlines():
            if f'"{label}"' in line:
                return int(re.search(r'\} +(\d+)', line)[1])
        return self.fail(f'no {name} {label}')

    def test_counters(self):
        rows = [('mcp_sip_responses_sent_total', 'invite_2xx'),
                ('mcp_sip_responses_sent_total', 'bye_2xx'),
                ('mcp_sip_sessions_ended_total', 'bye_received')]
        before = [self.metric(*row) for row in rows]
        self.caller.call(invite(self.port, call=self.name))
        self.assertEqual([self.metric(*row) for row in rows], [count + 1 for count in before])
        # By the dialog, which names no page; and by the core, before there is a session.
        for user, row in (('dialog', ('mcp_sip_sessions_ended_total', 'refused_by_us')),
                          ('nobody', ('mcp_sip_refused_total', 'core'))):
            before = self.metric(*row)
            self.caller.call(invite(self.port, call=self.name + user, user=user))
            self.assertEqual(self.metric(*row), before + 1)

    # --- explanations ---

    CASES = [
        ('accepted', {}, 200, 'answer'),
        ('offerless', {'body': b''}, 200, 'answer'),
        ('named page', {'user': 'dialog', 'uri': 'sip:dialog@127.0.0.1;voicexml='
                        'http://pages.example.com/a.vxml'}, None, 'page'),
        ('foreign page', {'user': 'dialog', 'uri': 'sip:dialog@127.0.0.1;voicexml='
                          'http://evil.example.com/a.vxml'}, 403, 'dialog'),
        ('no page', {'user': 'dialog'}, 400, 'dialog'),
        ('twice', {'user': 'dialog', 'uri': 'sip:dialog@127.0.0.1;voicexml=http://pages.example.com'
                   '/;voicexml=http://pages.example.com/'}, 400, 'dialog'),
        ('no service', {'user': 'nobody'}, 404, 'service'),
        ('no right', {'user': 'closed'}, 403, 'right'),
        ('header differs', {'headers': [('X-Tenant', 'tin')]}, 404, 'service'),
        ('tel URI', {'uri': 'tel:+4912345'}, 416, 'request-URI'),
        ('extension', {'headers': [('Require', 'teleport')]}, 420, 'Require'),
        ('short interval', {'headers': [('Session-Expires', '30'), ('Supported', 'timer')]}, 422,
         'Session-Expires'),
        ('no contact', {'drop': ('Contact',)}, 400, 'Contact'),
        ('unknown body', {'content_type': 'text/plain', 'body': b'hello'}, 415, 'body'),
        ('bad SDP', {'body': b'v=0\r\nnonsense\r\n'}, 488, 'body'),
        ('no codec', {'body': sdp('99', 'a=rtpmap:99 none/8000\n')}, 488, 'media'),
        ('bad escape', {'uri': 'sip:de%00mo@127.0.0.1'}, 400, 'request-URI'),
        ('nothing replaced', {'headers': [('Replaces', 'x;to-tag=1;from-tag=2')]}, 481,
         'Replaces'),
        ('in no dialog', {'headers': [('To', '<sip:demo@example.com>;tag=gone')]}, 481, 'method'),
        ('no CSeq', {'drop': ('CSeq',)}, 400, 'message'),
        ('bad CSeq', {'headers': [('CSeq', 'many INVITE')]}, 400, 'message'),
        ('version', {'version': 'SIP/3.0'}, 505, 'message'),
    ]

    def explain(self, message, *arguments, code=None):
        result = self.server.ctl('-o', 'json', 'sip', 'explain', '-', *arguments,
                                 stdin=message.decode())
        if code is not None:
            self.assertEqual(result.returncode, code, result.stdout + result.stderr)
        return json.loads(result.stdout) if result.stdout else None, result

    def test_explain(self):
        """What is foretold is what happens."""
        for number, (name, changes, status, check) in enumerate(self.CASES):
            with self.subTest(name):
                message = invite(self.port, call=f'{self.name}{number}', **changes)
                verdict, result = self.explain(message)
                self.assertIsNotNone(verdict, f'{name}: {result.stderr}')
                steps = verdict['steps']
                self.assertTrue(any(step['check'] == check for step in steps), steps)
                if status is None:
                    # The page is let through; whether it can be fetched is not foretold.
                    self.assertEqual(verdict['status'], 200)
                    continue
                self.assertEqual(verdict['status'], status, verdict)
                self.assertEqual(verdict['accepted'], status == 200)
                self.assertEqual(result.returncode, OK if status == 200 else FAILED)
                if status != 200:
                    self.assertEqual(steps[-1]['outcome'], 'refused')
                    self.assertEqual(steps[-1]['check'], check)
                answer = self.caller.call(message)
                self.assertEqual(int(answer.split()[1]), status, f'{name}: {answer}')
                for header in ('reason', 'warning'):
                    if verdict[header]:
                        self.assertRegex(answer, rf'(?i)\r\n{header}: *' +
                                         re.escape(verdict[header]))

    def test_explain_source(self):
        message = invite(self.port, call=self.name)
        verdict, _ = self.explain(message, '--from', '127.0.9.7', code=FAILED)
        self.assertEqual(verdict['status'], 403)
        self.assertTrue(any('[sip.peer "stranger"]' in step['text'] and 'mcp.conf:' in step['text']
                            for step in verdict['steps']))
        verdict, _ = self.explain(message, '--from', '192.0.2.1', code=FAILED)
        self.assertTrue(any('anonymous' in step['text'] for step in verdict['steps']))
        self.explain(message, '--transport', 'tcp', code=OK)
        self.explain(message, '--transport', 'pigeon', code=USAGE)
        self.explain(message, '--from', 'nowhere', code=USAGE)

    def test_explain_text(self):
        path = self.server.folder / 'invite.sip'
        message = invite(self.port, call=self.name, headers=[('CSeq', 'many INVITE')])
        path.write_bytes(message.replace(b'\r\n', b'\n'))
        text = self.ctl('sip', 'explain', path, code=FAILED).stdout
        number = message.decode().split('\r\n').index('CSeq: many INVITE') + 1
        self.assertIn(f'line {number} is faulty: header CSeq', text)
        path.write_bytes(invite(self.port, call=self.name).replace(b'\r\n', b'\n'))
        text = self.ctl('sip', 'explain', path).stdout
        self.assertIn('[service "demo"] fits', text)
        self.assertIn('200 OK', text)
        path.write_text('hello\n')
        self.ctl('sip', 'explain', path, code=USAGE)
        path.write_bytes(b'')
        self.ctl('sip', 'explain', path, code=USAGE)
        self.ctl('sip', 'explain', '/nonexistent', code=USAGE)
        self.ctl('sip', 'explain', code=USAGE)
        options = invite(self.port, call=self.name, method='OPTIONS')
        self.explain(options, code=USAGE)
        self.assertEqual(self.json('calls')['calls'], [])


def main():
    global OPTIONS
    parser = argparse.ArgumentParser()
    for name in ('mcpd', 'mcpctl', 'plugins', 'demo'):
        parser.add_argument(f'--{name}', required=True)
    OPTIONS, rest = parser.parse_known_args()
    unittest.main(argv=sys.argv[:1] + rest, verbosity=2)


if __name__ == '__main__':
    main()
