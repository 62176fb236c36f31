-- phase: expand
-- Where on a trace an event was told (W3C traceparent), so that what is done about it later goes on there. None off a trace.
ALTER TABLE outbox ADD COLUMN trace_parent text;
