import type { Message } from './protobuf.ts';

/** Of opentelemetry-proto v1: the fields that tests look at, by the names of its JSON form. */
const array: Message = { 1: { name: 'values', type: { 1: { name: 'stringValue', type: 'text' } }, many: 'many' } };
const anyValue: Message = { 1: { name: 'stringValue', type: 'text' }, 3: { name: 'intValue', type: 'varint' }, 4: { name: 'doubleValue', type: 'double' }, 5: { name: 'arrayValue', type: array } };
const keyValue: Message = { 1: { name: 'key', type: 'text' }, 2: { name: 'value', type: anyValue } };
const attributes = { name: 'attributes', type: keyValue, many: 'many' } as const;
const resource = { name: 'resource', type: { 1: attributes } as Message };

const span: Message = {
  1: { name: 'traceId', type: 'hex' },
  2: { name: 'spanId', type: 'hex' },
  3: { name: 'traceState', type: 'text' },
  4: { name: 'parentSpanId', type: 'hex' },
  5: { name: 'name', type: 'text' },
  6: { name: 'kind', type: 'varint' },
  7: { name: 'startTimeUnixNano', type: 'fixed64' },
  8: { name: 'endTimeUnixNano', type: 'fixed64' },
  9: attributes,
  11: { name: 'events', type: { 2: { name: 'name', type: 'text' } }, many: 'many' },
  15: { name: 'status', type: { 2: { name: 'message', type: 'text' }, 3: { name: 'code', type: 'varint' } } },
};

const point: Message = { 9: attributes, 4: { name: 'count', type: 'fixed64' }, 5: { name: 'sum', type: 'double' } };
const metric: Message = { 1: { name: 'name', type: 'text' }, 3: { name: 'unit', type: 'text' }, 9: { name: 'histogram', type: { 1: { name: 'dataPoints', type: point, many: 'many' } } } };

export const traceRequest: Message = {
  1: { name: 'resourceSpans', type: { 1: resource, 2: { name: 'scopeSpans', type: { 2: { name: 'spans', type: span, many: 'many' } }, many: 'many' } }, many: 'many' },
};

export const metricsRequest: Message = {
  1: { name: 'resourceMetrics', type: { 1: resource, 2: { name: 'scopeMetrics', type: { 2: { name: 'metrics', type: metric, many: 'many' } }, many: 'many' } }, many: 'many' },
};
