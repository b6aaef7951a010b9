//! Spans in the form of the OpenTelemetry protocol (OTLP 1, `opentelemetry/proto/trace/v1`): as JSON, and
//! as protobuf.
//!
//! Logical time is counted from the moment at which the run began; a unit of time of unknown length, or a step, is one
//! second. Ids of traces and spans are derived from the digest of the scenario, the seed and the number of the case, so
//! a repeated run has the same ids.

use super::spans::{Span, Trace, Value};
use crate::digest::Digest;
use crate::scenario::{Loaded, Start};
use prost::Message;
use serde_json::json;
use std::time::{SystemTime, UNIX_EPOCH};

/// The data shared by the spans of one run.
#[derive(Clone, Debug)]
pub struct Exported {
    scenario: String,
    id: u64,
    clock: Start,
    /// Nanoseconds since 1970 at nanosecond 0 of the clock.
    origin: i128,
}

impl Exported {
    /// A run of this scenario that began at this moment.
    #[must_use]
    pub fn new(loaded: &Loaded, begun: SystemTime) -> Exported {
        let scenario = &loaded.scenario;
        let mut id = Digest::EMPTY;
        id.fold_bytes(loaded.text.as_bytes());
        id.fold(scenario.seed());
        let since = begun.duration_since(UNIX_EPOCH).unwrap_or_default();
        let clock = scenario.real_clock();
        // The first step is step 1.
        let steps = scenario.desk().and_then(|desk| desk.steps());
        let first = if steps.is_some() { 1.0 } else { 0.0 };
        Exported {
            scenario: scenario.name().to_owned(),
            id: id.value(),
            clock,
            origin: since.as_nanos() as i128 - clock.nanoseconds_at(first),
        }
    }

    fn nanoseconds(&self, time: f64) -> u64 {
        u64::try_from(self.origin + self.clock.nanoseconds_at(time)).unwrap_or(0)
    }

    fn trace_id(&self, trace: Trace) -> [u8; 16] {
        let about = match trace {
            Trace::Case(case) => case,
            Trace::Attendant(server, attendant) => {
                1 << 63 | u64::from(server) << 32 | u64::from(attendant)
            }
        };
        let mut id = [0; 16];
        id[..8].copy_from_slice(&self.id.to_be_bytes());
        id[8..].copy_from_slice(&about.to_be_bytes());
        id
    }

    fn span_id(&self, trace: Trace, number: u32) -> [u8; 8] {
        let mut id = Digest::EMPTY;
        id.fold_bytes(&self.trace_id(trace));
        id.fold(u64::from(number));
        // An id must not be zero.
        id.value().max(1).to_be_bytes()
    }

    /// The id of the root of a case, which is the parent of all other spans of the case; outages have no root.
    fn parent(&self, span: &Span) -> Option<[u8; 8]> {
        let is_child = matches!(span.trace, Trace::Case(_)) && span.number > 1;
        is_child.then(|| self.span_id(span.trace, 1))
    }

    /// One request of the protocol as a line of JSON.
    #[must_use]
    pub fn json(&self, spans: &[Span]) -> String {
        let spans: Vec<_> = spans.iter().map(|span| self.span_as_json(span)).collect();
        let resource = [
            json!({ "key": "service.name", "value": { "stringValue": "filas" } }),
            json!({ "key": "filas.scenario", "value": { "stringValue": self.scenario } }),
        ];
        let scope = json!({ "name": "filas", "version": env!("CARGO_PKG_VERSION") });
        let request = json!({ "resourceSpans": [ {
            "resource": { "attributes": resource },
            "scopeSpans": [ { "scope": scope, "spans": spans } ],
        } ] });
        format!("{request}\n")
    }

    fn span_as_json(&self, span: &Span) -> serde_json::Value {
        let attributes: Vec<_> = span
            .attributes
            .iter()
            .map(|(key, value)| {
                let value = match value {
                    Value::Text(text) => json!({ "stringValue": text }),
                    // 64-bit numbers are text in the JSON of protobuf.
                    Value::Whole(number) => json!({ "intValue": number.to_string() }),
                };
                json!({ "key": key, "value": value })
            })
            .collect();
        let mut document = json!({
            "traceId": hex(&self.trace_id(span.trace)),
            "spanId": hex(&self.span_id(span.trace, span.number)),
            "name": span.name,
            "kind": INTERNAL,
            "startTimeUnixNano": self.nanoseconds(span.from).to_string(),
            "endTimeUnixNano": self.nanoseconds(span.to).to_string(),
            "attributes": attributes,
        });
        if let Some(parent) = self.parent(span) {
            document["parentSpanId"] = hex(&parent).into();
        }
        if !span.events.is_empty() {
            let events = span.events.iter().map(|(name, time)| {
                json!({ "name": name, "timeUnixNano": self.nanoseconds(*time).to_string() })
            });
            document["events"] = events.collect();
        }
        if let Some(why) = span.failed {
            document["status"] = json!({ "code": ERROR, "message": why });
        }
        document
    }

    /// One request of the protocol as protobuf.
    #[must_use]
    pub fn protobuf(&self, spans: &[Span]) -> Vec<u8> {
        let attribute = |key: &str, value: any_value::Value| KeyValue {
            key: key.to_owned(),
            value: Some(AnyValue { value: Some(value) }),
        };
        let text = |text: &str| any_value::Value::StringValue(text.to_owned());
        let one = |span: &Span| SpanMessage {
            trace_id: self.trace_id(span.trace).to_vec(),
            span_id: self.span_id(span.trace, span.number).to_vec(),
            parent_span_id: self.parent(span).map_or(Vec::new(), |id| id.to_vec()),
            name: span.name.to_owned(),
            kind: INTERNAL,
            start_time_unix_nano: self.nanoseconds(span.from),
            end_time_unix_nano: self.nanoseconds(span.to),
            attributes: span
                .attributes
                .iter()
                .map(|(key, value)| match value {
                    Value::Text(value) => attribute(key, text(value)),
                    Value::Whole(number) => {
                        attribute(key, any_value::Value::IntValue(*number as i64))
                    }
                })
                .collect(),
            events: (span.events.iter())
                .map(|(name, time)| Event {
                    time_unix_nano: self.nanoseconds(*time),
                    name: (*name).to_owned(),
                })
                .collect(),
            status: span.failed.map(|why| Status {
                message: why.to_owned(),
                code: ERROR,
            }),
        };
        let request = ExportTraceServiceRequest {
            resource_spans: vec![ResourceSpans {
                resource: Some(Resource {
                    attributes: vec![
                        attribute("service.name", text("filas")),
                        attribute("filas.scenario", text(&self.scenario)),
                    ],
                }),
                scope_spans: vec![ScopeSpans {
                    scope: Some(InstrumentationScope {
                        name: "filas".to_owned(),
                        version: env!("CARGO_PKG_VERSION").to_owned(),
                    }),
                    spans: spans.iter().map(one).collect(),
                }],
            }],
        };
        request.encode_to_vec()
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// `SPAN_KIND_INTERNAL`.
const INTERNAL: i32 = 1;

/// `STATUS_CODE_ERROR`.
const ERROR: i32 = 2;

// The messages of the protocol, limited to the fields used, with the numbers of the fields.

#[derive(Clone, PartialEq, Message)]
struct ExportTraceServiceRequest {
    #[prost(message, repeated, tag = "1")]
    resource_spans: Vec<ResourceSpans>,
}

#[derive(Clone, PartialEq, Message)]
struct ResourceSpans {
    #[prost(message, optional, tag = "1")]
    resource: Option<Resource>,
    #[prost(message, repeated, tag = "2")]
    scope_spans: Vec<ScopeSpans>,
}

#[derive(Clone, PartialEq, Message)]
struct Resource {
    #[prost(message, repeated, tag = "1")]
    attributes: Vec<KeyValue>,
}

#[derive(Clone, PartialEq, Message)]
struct ScopeSpans {
    #[prost(message, optional, tag = "1")]
    scope: Option<InstrumentationScope>,
    #[prost(message, repeated, tag = "2")]
    spans: Vec<SpanMessage>,
}

#[derive(Clone, PartialEq, Message)]
struct InstrumentationScope {
    #[prost(string, tag = "1")]
    name: String,
    #[prost(string, tag = "2")]
    version: String,
}

#[derive(Clone, PartialEq, Message)]
struct SpanMessage {
    #[prost(bytes = "vec", tag = "1")]
    trace_id: Vec<u8>,
    #[prost(bytes = "vec", tag = "2")]
    span_id: Vec<u8>,
    #[prost(bytes = "vec", tag = "4")]
    parent_span_id: Vec<u8>,
    #[prost(string, tag = "5")]
    name: String,
    #[prost(int32, tag = "6")]
    kind: i32,
    #[prost(fixed64, tag = "7")]
    start_time_unix_nano: u64,
    #[prost(fixed64, tag = "8")]
    end_time_unix_nano: u64,
    #[prost(message, repeated, tag = "9")]
    attributes: Vec<KeyValue>,
    #[prost(message, repeated, tag = "11")]
    events: Vec<Event>,
    #[prost(message, optional, tag = "15")]
    status: Option<Status>,
}

#[derive(Clone, PartialEq, Message)]
struct Event {
    #[prost(fixed64, tag = "1")]
    time_unix_nano: u64,
    #[prost(string, tag = "2")]
    name: String,
}

#[derive(Clone, PartialEq, Message)]
struct Status {
    #[prost(string, tag = "2")]
    message: String,
    #[prost(int32, tag = "3")]
    code: i32,
}

#[derive(Clone, PartialEq, Message)]
struct KeyValue {
    #[prost(string, tag = "1")]
    key: String,
    #[prost(message, optional, tag = "2")]
    value: Option<AnyValue>,
}

#[derive(Clone, PartialEq, Message)]
struct AnyValue {
    #[prost(oneof = "any_value::Value", tags = "1, 3")]
    value: Option<any_value::Value>,
}

mod any_value {
    #[derive(Clone, PartialEq, prost::Oneof)]
    pub(super) enum Value {
        #[prost(string, tag = "1")]
        StringValue(String),
        #[prost(int64, tag = "3")]
        IntValue(i64),
    }
}
