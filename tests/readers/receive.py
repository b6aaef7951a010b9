"""An OpenTelemetry receiver made of the published protocol definitions: runs filas against itself and prints what it took."""

import base64
import collections
import http.server
import json
import subprocess
import sys
import threading

from google.protobuf import json_format
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
)

taken = []


class Receiver(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        assert self.path == "/v1/traces", self.path
        body = self.rfile.read(int(self.headers["Content-Length"]))
        taken.append(ExportTraceServiceRequest.FromString(body))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


def spans(requests):
    for request in requests:
        for resource in request.resource_spans:
            for scope in resource.scope_spans:
                yield from scope.spans


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
threading.Thread(target=server.serve_forever, daemon=True).start()
filas, scenario, file = sys.argv[1:]
url = f"http://127.0.0.1:{server.server_port}"
dropped = False
for otlp in (url, file):
    words = [filas, "run", scenario, "--otlp", otlp, "--quiet"]
    told = subprocess.run(words, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True).stderr
    # Of a long run more is made than this receiver takes; what it does not take is said.
    dropped |= "were dropped" in told
received = list(spans(taken))


def parsed(line):
    """A line of the file. OpenTelemetry writes ids in hex, where JSON of protobuf has base64."""
    request = json.loads(line)
    for resource in request["resourceSpans"]:
        for scope in resource["scopeSpans"]:
            for span in scope["spans"]:
                for key in ("traceId", "spanId", "parentSpanId"):
                    if key in span:
                        span[key] = base64.b64encode(bytes.fromhex(span[key])).decode()
    return json_format.ParseDict(request, ExportTraceServiceRequest())


with open(file) as lines:
    written = list(spans(map(parsed, lines)))

# Protobuf and JSON say the same but for the moment on which logical time is laid.
key = lambda span: (span.trace_id, span.span_id)
left = {key(span): span for span in written}
assert len(left) == len(written), "each span has an id of its own"
for one in received:
    other = left.pop(key(one))
    length = lambda span: span.end_time_unix_nano - span.start_time_unix_nano
    assert length(one) == length(other), (one, other)
    for span in (one, other):
        for event in span.events:
            assert span.start_time_unix_nano <= event.time_unix_nano <= span.end_time_unix_nano, span
            event.time_unix_nano -= span.start_time_unix_nano
        span.start_time_unix_nano = span.end_time_unix_nano = 0
    assert one == other, (one, other)
assert dropped or not left, len(left)
for name, count in sorted(collections.Counter(span.name for span in written).items()):
    print(name, count)
events = collections.Counter(event.name for span in written for event in span.events)
for name, count in sorted(events.items()):
    print(name, "(event)", count)
